"""The QGIS provider of ecospatial."""


def classFactory(iface):
    """What QGIS calls to load the plugin."""
    from .provider import EcospatialPlugin

    return EcospatialPlugin(iface)
