"""A network run in two halves says what it says in one piece."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("ultralytics", reason="the extra `models` is not installed")

from vision.training.halves import first_layers, last_layers  # noqa: E402
from vision.training.network import COCO_WEIGHTS, our_network  # noqa: E402

WEIGHTS = Path("../shared/weights") / COCO_WEIGHTS
pytestmark = [
    pytest.mark.models,
    pytest.mark.shared,
    pytest.mark.skipif(not WEIGHTS.exists(), reason="the COCO weights of ../shared are not here"),
]


@pytest.mark.parametrize("count", [0, 9, 23])
def test_halves_say_what_the_whole_says(count: int) -> None:
    """Wherever it is cut, boxes and scores are those of the network itself."""
    network = our_network(WEIGHTS).train()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    picture = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        whole = network(picture)
        halves = last_layers(network, first_layers(network, picture, count), count)
    for name in ("boxes", "scores"):
        assert torch.equal(halves[name], whole[name])
