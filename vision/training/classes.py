"""The classes the detector learns, and the COCO classes their first weights come from."""

CLASS_NAMES = (
    "person",
    "two_wheeler",
    "car",
    "truck_bus",
    "garbage",
    "smoke",
    "fire",
    "pothole",
    "stall",
)
TRAFFIC = ("person", "two_wheeler", "car", "truck_bus")

# Rows of the COCO head that our rows start from. A truck stands for every large vehicle and a
# motorcycle for every two-wheeler: each is the COCO class that lies nearest to most of our boxes.
COCO_ROW_OF = {"person": 0, "two_wheeler": 3, "car": 2, "truck_bus": 7}

# What the COCO teacher calls the things that we train, for filling in missing labels.
OURS_OF_COCO = {
    0: "person",
    1: "two_wheeler",
    2: "car",
    3: "two_wheeler",
    5: "truck_bus",
    7: "truck_bus",
}
