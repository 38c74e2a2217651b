"""Build schematic polygons of China's prefectures and provinces from labelled places and an outline.

    npm pack world-atlas@2.0.2
    python data/build/china_prefectures.py world-atlas-2.0.2.tgz

Needs Shapely 2.1 or later (with GEOS 3.12), SciPy and geopandas. Running it again writes the same bytes.

The Thiessen cells of the places are dissolved by prefecture and clipped to the outline, in an equal-area plane.
A place among whose nearest six neighbours none carries its code is taken for a wrong label and left out, unless its
unit would be lost; so are places whose cells lie far from the rest of their unit. Lines are simplified together, so
that neighbours stay neighbours.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from ecospatial.geo import facts

DATA = Path(__file__).resolve().parents[1]
COUNTRIES = "package/countries-10m.json"
CHINA = "156"
NEIGHBOURS = 6
FAR = 150_000.0  # metres, between parts of one unit
GRID = 10.0  # metres, to which the lines are noded
TOLERANCE = 3_000.0  # metres, of the simplification (Visvalingam and Whyatt, the side of a square)
ISLAND = 3e7  # square metres; smaller parts of a unit that has larger ones leave the layer
DECIMALS = 4
RADIUS = 6_371_007.2
STANDARD = np.radians([25.0, 47.0])
ORIGIN = np.radians([105.0, 0.0])
CONE = np.sin(STANDARD).sum() / 2
CONSTANT = np.cos(STANDARD[0]) ** 2 + 2 * CONE * np.sin(STANDARD[0])


def to_plane(degrees: np.ndarray) -> np.ndarray:
    """Albers' equal-area conic projection of the sphere (Snyder 1987, eqs 14-1 to 14-4), in metres."""
    longitude, latitude = np.radians(degrees).T
    rho = np.sqrt(CONSTANT - 2 * CONE * np.sin(latitude)) / CONE
    theta = CONE * (longitude - ORIGIN[0])
    rho0 = np.sqrt(CONSTANT - 2 * CONE * np.sin(ORIGIN[1])) / CONE
    return RADIUS * np.column_stack([rho * np.sin(theta), rho0 - rho * np.cos(theta)])


def to_degrees(metres: np.ndarray) -> np.ndarray:
    """Longitude and latitude of points of the plane (Snyder 1987, eqs 14-8 to 14-11), rounded."""
    x, y = metres.T / RADIUS
    rho0 = np.sqrt(CONSTANT - 2 * CONE * np.sin(ORIGIN[1])) / CONE
    rho, theta = np.hypot(x, rho0 - y), np.arctan2(x, rho0 - y)
    latitude = np.arcsin((CONSTANT - (rho * CONE) ** 2) / (2 * CONE))
    return np.degrees(np.column_stack([ORIGIN[0] + theta / CONE, latitude])).round(DECIMALS)


def outline(package: Path) -> shapely.Geometry:
    """The outline of the country of the TopoJSON in an npm package, in the plane."""
    with tarfile.open(package) as archive:
        topology = json.load(archive.extractfile(COUNTRIES))
    scale, translate = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(arc, axis=0) * scale + translate for arc in topology["arcs"]]

    def ring(places: list[int]) -> np.ndarray:
        parts = [arcs[place] if place >= 0 else arcs[~place][::-1] for place in places]
        return np.vstack([parts[0], *(part[1:] for part in parts[1:])])

    country = next(one for one in topology["objects"]["countries"]["geometries"] if one.get("id") == CHINA)
    polygons = [shapely.Polygon(ring(first), list(map(ring, rest))) for first, *rest in country["arcs"]]
    return shapely.union_all(shapely.buffer(shapely.transform(polygons, to_plane), 0))  # which mends tiny loops


def labelled_places() -> pd.DataFrame:
    """Places with a credible label: code, x, y."""
    places = pd.read_csv(DATA / "build" / "geonames_prefecture_2015.csv", dtype={"prefecture_2015": str})
    places = places.sort_values("geonameid").drop_duplicates(["lon", "lat"]).rename(columns={"prefecture_2015": "code"})
    x, y = to_plane(places[["lon", "lat"]].to_numpy()).T
    places = places.assign(x=x, y=y)[["code", "x", "y"]].reset_index(drop=True)
    codes = places["code"].to_numpy()
    near = cKDTree(places[["x", "y"]]).query(places[["x", "y"]], k=NEIGHBOURS + 1)[1][:, 1:]
    credible = (codes[near] == codes[:, None]).any(axis=1)
    alone = ~places["code"].isin(codes[credible])
    return places[credible | alone].reset_index(drop=True)


def thiessen(places: pd.DataFrame, country: shapely.Geometry) -> geopandas.GeoSeries:
    """Thiessen cells of the places, dissolved by code."""
    points = shapely.multipoints(places[["x", "y"]].to_numpy())
    parts = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=country, ordered=True))
    return geopandas.GeoSeries(parts).groupby(places["code"].to_numpy()).agg(shapely.union_all)


def without_strays(places: pd.DataFrame, country: shapely.Geometry) -> pd.DataFrame:
    """The places but those in parts far from the part of their unit that has most places."""
    parts = thiessen(places, country).explode()
    points = geopandas.GeoSeries(shapely.points(places[["x", "y"]].to_numpy()))
    part = parts.sindex.query(points, predicate="within")[1]
    main = pd.Series(part).groupby(places["code"].to_numpy()).agg(lambda found: found.mode()[0])[places["code"]]
    apart = shapely.distance(parts.to_numpy()[part], parts.to_numpy()[main.to_numpy()])
    return places[apart < FAR].reset_index(drop=True)


def cells(places: pd.DataFrame, country: shapely.Geometry) -> geopandas.GeoSeries:
    """The units cut at the outline, as one coverage in the plane."""
    dissolved = thiessen(without_strays(places, country), country)
    lines = shapely.union_all([country.boundary, *shapely.boundary(dissolved.to_numpy())], grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inner = shapely.point_on_surface(faces)
    faces, inner = (part[shapely.contains(country, inner)] for part in (faces, inner))
    owner = dissolved.sindex.nearest(inner, return_all=False)[1]
    whole = geopandas.GeoSeries(faces).groupby(dissolved.index.to_numpy()[owner]).agg(shapely.coverage_union_all)
    return whole.map(without_islets)


def without_islets(shape: shapely.Geometry) -> shapely.Geometry:
    """A unit without its small parts, where it has larger ones."""
    parts = shapely.get_parts(shape)
    large = shapely.area(parts) >= ISLAND
    kept = parts[large] if large.any() else parts
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def simplified(units: geopandas.GeoSeries) -> geopandas.GeoSeries:
    """The coverage with fewer vertices, in degrees."""
    plain = shapely.coverage_simplify(units.to_numpy(), TOLERANCE)
    return geopandas.GeoSeries(shapely.transform(plain, to_degrees), index=units.index, crs="EPSG:4326")


def prefectures(units: geopandas.GeoSeries) -> geopandas.GeoDataFrame:
    """The layer of prefectures with its attributes."""
    fields = facts.prefectures().loc[units.index]
    return geopandas.GeoDataFrame(
        {
            "code": units.index,
            "name": fields["name"].to_numpy(),
            "pinyin": fields["pinyin"].to_numpy(),
            "english": fields["english"].to_numpy(),
            "prov_code": fields["province"].to_numpy(),
            "province": fields["province_name"].to_numpy(),
            "region": fields["region"].to_numpy(),
            "stage": fields["stage"].where(fields["stage"] != facts.NO_STAGE, None).to_numpy(),
            "res_type": None,
            "schematic": 1,
        },
        geometry=units.to_numpy(),
        crs=units.crs,
    )


def provinces(layer: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """The layer of provinces, dissolved from that of prefectures."""
    shapes = layer.groupby("prov_code")["geometry"].agg(lambda part: shapely.coverage_union_all(part.to_numpy()))
    fields = facts.provinces().loc[shapes.index]
    return geopandas.GeoDataFrame(
        {
            "code": shapes.index,
            "name": fields["name"].to_numpy(),
            "english": fields["english"].to_numpy(),
            "region": fields["region"].to_numpy(),
            "schematic": 1,
        },
        geometry=shapes.to_numpy(),
        crs=layer.crs,
    )


def write(layer: geopandas.GeoDataFrame, target: Path) -> None:
    """Write a shapefile with a date that never changes, so that builds are alike."""
    layer.to_file(target, encoding="UTF-8", engine="pyogrio")
    with target.with_suffix(".dbf").open("r+b") as file:
        file.seek(1)
        file.write(bytes([100, 1, 1]))


if __name__ == "__main__":
    cities = prefectures(simplified(cells(labelled_places(), outline(Path(sys.argv[1])))))
    write(cities, DATA / "shapefiles" / "china_prefectures.shp")
    write(provinces(cities), DATA / "shapefiles" / "china_provinces.shp")
