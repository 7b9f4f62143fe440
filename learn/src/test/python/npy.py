"""The files of NpyTest, as NumPy writes them: python3 npy.py, from this folder. Elements are 0, 1, 2, … in C order."""

import os

import numpy as np
from numpy.lib import format as npy

FOLDER = "../resources/kawi/io/npy"
os.makedirs(FOLDER, exist_ok=True)


def array(dtype, *shape):
    return np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)


def save(name, a, version=(1, 0)):
    with open(f"{FOLDER}/{name}.npy", "wb") as f:
        npy.write_array(f, a, version=version)


for dtype in ("bool", "u1", "i4", "i8", "f2", "f4", "f8"):
    save(f"c-{dtype}", array(dtype, 2, 3))
save("scalar", array("f4"))
save("empty", array("f4", 0, 3))
save("vector", array("i8", 5))
save("fortran", np.asfortranarray(array("f4", 2, 3, 4)))
save("big-f8", array(">f8", 2, 3))
save("big-i4", np.asfortranarray(array(">i4", 3, 2)))
save("version2", array("f4", 2, 3), (2, 0))
save("version3", array("f4", 2, 3), (3, 0))
for name, dtype in (("c16", "c16"), ("i2", "i2"), ("u4", "u4"), ("f16", "f16"), ("text", "U3"), ("times", "M8[s]")):
    save(f"no-{name}", array(dtype, 2))
save("no-record", np.zeros(2, [("a", "f4"), ("b", "i4")]))
np.save(f"{FOLDER}/no-object.npy", np.array([None]), allow_pickle=True)
np.savez(f"{FOLDER}/plain.npz", weight=array("f4", 2, 3), bias=array("f8", 3), arr_0=array("i8"))
np.savez_compressed(f"{FOLDER}/compressed.npz", weight=array("f4", 2, 3), bias=array("f8", 3))
