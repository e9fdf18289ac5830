"""A lab works headless and in a notebook, records what was tried, and refuses what it cannot do."""

from unittest.mock import MagicMock

import IPython.display
import ipywidgets
import pytest

from mazoezi._errors import MazoeziError
from mazoezi.course._exercises import experiment_exercise
from mazoezi.course._judge import judge
from mazoezi.course.drawing import label, new_figure
from mazoezi.course.lab import Choice, Lab, LogSlider, Slider, Toggle


class Parabola(Lab):
    title = "A parabola"
    controls = {
        "x": Slider(-2.0, 2.0, start=1.0, step=0.1),
        "power": Choice((2, 4), start=2),
        "scale": LogSlider(0.01, 100.0, start=1.0),
        "flip": Toggle(False),
    }

    def measure(self, x, power, scale, flip):
        return {"height": scale * (-1 if flip else 1) * x**power}

    def draw(self):
        figure, axes = new_figure()
        axes.plot([visit.results["height"] for visit in self.visited], "o")
        label(axes, x="visit", y="height")
        return figure

    def tell(self):
        return f"The height is {self.current.results['height']:.2f}."


@pytest.fixture
def lab():
    return Parabola()


def test_an_untouched_lab_has_measured_its_start_and_visited_nothing(lab):
    assert lab.current.controls == {"x": 1.0, "power": 2, "scale": 1.0, "flip": False}
    assert lab.current.results == {"height": 1.0}
    assert lab.visited == []


def test_setting_a_control_keeps_the_others_and_is_recorded(lab):
    assert lab.set(x=2.0).results["height"] == 4
    assert lab.set(power=4, flip=True).results["height"] == -16
    assert [visit.controls["x"] for visit in lab.visited] == [2.0, 2.0]
    assert lab.visited[0].controls["power"] == 2


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"y": 1}, "no control 'y'; it has x, power"),
        ({"x": 3.0}, "'x' takes a number from -2 to 2; got 3.0"),
        ({"x": "1"}, "got '1'"),
        ({"x": True}, "got True"),
        ({"x": float("nan")}, "got nan"),
        ({"power": 3}, "one of 2, 4; got 3"),
        ({"scale": 1000}, "from 0.01 to 100"),
        ({"flip": 1}, "True or False; got 1"),
    ],
)
def test_what_cannot_be_set_is_told_and_changes_nothing(lab, setting, words):
    with pytest.raises(MazoeziError) as caught:
        lab.set(**setting)
    assert words in str(caught.value)
    assert lab.visited == [] and lab.current.controls["x"] == 1.0


@pytest.fixture
def shown(lab, monkeypatch):
    """Show the lab as a notebook does; return its widgets by name, and the picture's handle."""
    displayed, handles = [], []

    def display(thing, **_):
        displayed.append(thing)
        handles.append(MagicMock())
        return handles[-1]

    monkeypatch.setattr(IPython.display, "display", display)
    lab._ipython_display_()
    widgets = dict(zip(lab.controls, displayed[0].children, strict=True))
    return widgets, displayed[1], handles[1]


def test_moving_a_widget_moves_the_lab_and_redraws(lab, shown):
    widgets, _, picture = shown
    widgets["x"].value = -1.5
    assert lab.current.results["height"] == 2.25 and len(lab.visited) == 1
    assert picture.update.call_count == 1


def test_setting_in_code_moves_the_widgets_once(lab, shown):
    widgets, _, picture = shown
    lab.set(x=0.5, power=4)
    assert widgets["x"].value == 0.5 and widgets["power"].value == 4
    assert len(lab.visited) == 1 and picture.update.call_count == 1


def test_the_picture_is_a_plain_image_with_words(shown):
    _, image, _ = shown
    data, metadata = image._repr_mimebundle_()
    assert set(data) == {"image/png"} and "The height is 1.00" in metadata["image/png"]["alt"]


def test_each_control_has_its_widget(shown):
    kinds = [type(widget) for widget in shown[0].values()]
    assert kinds == [
        ipywidgets.FloatSlider, ipywidgets.Dropdown, ipywidgets.FloatLogSlider, ipywidgets.Checkbox,
    ]  # fmt: skip
    assert (shown[0]["x"].min, shown[0]["x"].max, shown[0]["x"].step) == (-2, 2, 0.1)


def test_an_experiment_is_judged_by_the_labs_record(sample, lab):
    experiment = experiment_exercise("S1")

    @experiment.task("reach a height above 3")
    def _(lab, rng):
        if not any(visit.results["height"] > 3 for visit in lab.visited):
            raise AssertionError("Go higher than 3.")  # pytest would add to a plain assert

    @experiment.task("try power 4")
    def _(lab, rng):
        if not any(visit.controls["power"] == 4 for visit in lab.visited):
            raise AssertionError("Try power 4.")

    @experiment.mistake("Try the other power as well.")
    def only_high():
        other = Parabola()
        other.set(x=2.0)
        return other

    text = sample.exercises["S1"]
    assert judge(text, experiment, lab).verdict == "not attempted"
    lab.set(x=0.5)
    assert judge(text, experiment, lab).message == "Go higher than 3."
    lab.set(x=-1.9)
    verdict = judge(text, experiment, lab)
    assert (verdict.message, verdict.mistake) == ("Try power 4.", "only_high")
    assert verdict.holds == ("reach a height above 3",)
    lab.set(power=4)
    assert judge(text, experiment, lab).passed
    assert judge(text, experiment, 3).category == "signature"
