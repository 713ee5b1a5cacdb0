"""The topics of an application in a browser: `framework explore`."""
