"""Imports and exports: files become documents and documents become files.

May import howdah.foundation and the other packages of howdah.product.
"""
