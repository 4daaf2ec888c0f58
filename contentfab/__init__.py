"""contentfab: the build system and test suite for ad creatives."""

__version__ = "0.1.0"
