"""A small folder of labelled pictures, made here, in the form of the shared ones."""

from pathlib import Path

import cv2
import numpy as np
import pytest

HEADER = "name,split,dataset,group,width,height,boxes,labelled_classes\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures: a car above a town, and a fire."""
    for kind in ("images", "labels"):
        (tmp_path / kind / "train").mkdir(parents=True)
    (tmp_path / "manifest.csv").write_text(
        HEADER
        + "town,train,minsk_dji_aerial,g1,400,200,1,car|truck_bus|two_wheeler\n"
        + "blaze,train,fire_smoke_mix,g2,100,100,1,smoke|fire\n"
    )
    (tmp_path / "labels/train/town.txt").write_text("2 0.5 0.5 0.1 0.2\n")
    (tmp_path / "labels/train/blaze.txt").write_text("6 0.5 0.5 1.0 1.0\n")
    town = np.full((200, 400, 3), 90, np.uint8)
    town[80:120, 180:220] = 255
    cv2.imwrite(str(tmp_path / "images/train/town.jpg"), town)
    cv2.imwrite(str(tmp_path / "images/train/blaze.jpg"), np.full((100, 100, 3), 200, np.uint8))
    return tmp_path
