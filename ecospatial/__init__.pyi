from .clusters.lisa import lisa as lisa
from .clusters.moran import moran as moran
from .drivers.compare import compare as compare
from .drivers.ols import ols as ols
from .drivers.spatial_panel import spatial_panel as spatial_panel
from .drivers.spatial_tests import spatial_tests as spatial_tests
from .efficiency.additive import additive as additive
from .efficiency.directional import directional as directional
from .efficiency.ebm import ebm as ebm
from .efficiency.nonradial_directional import nonradial_directional as nonradial_directional
from .efficiency.radial import radial as radial
from .efficiency.range_directional import range_directional as range_directional
from .efficiency.sbm import sbm as sbm
from .errors import EcospatialError as EcospatialError
from .geo.boundaries import Boundaries as Boundaries
from .geo.boundaries import read_boundaries as read_boundaries
from .geo.join import GeoPanel as GeoPanel
from .geo.join import JoinReport as JoinReport
from .geo.join import join as join
from .geo.weights import Weights as Weights
from .panel import Panel as Panel
from .present.report import report as report
from .reading import read_panel as read_panel
from .result import Result as Result

__version__: str
