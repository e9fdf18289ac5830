"""A lab works headless and in a notebook, records what was tried, and refuses what it cannot do."""

import gc
import subprocess
import sys
import weakref
from unittest.mock import MagicMock

import ipywidgets
import numpy as np
import pytest

from mazoezi._errors import MazoeziError
from mazoezi.course import _lab_view
from mazoezi.course._exercises import experiment_exercise
from mazoezi.course._judge import judge
from mazoezi.course.drawing import label, new_figure
from mazoezi.course.lab import Choice, Integer, Lab, LogSlider, Question, Slider, Toggle


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
        return f"The height is **{self.current.results['height']:.2f}**."


class Thrower(Lab):
    """A lab that asks before it shows a throw with a new ball, and fails with none."""

    title = "A throw"
    controls = {"balls": Integer(0, 3, start=1), "force": Slider(0.0, 9.0, start=1.0, step=0.5)}
    question = Question("how far?", options=("near", "far"), result="distance")

    def asks(self, controls):
        return controls["balls"] not in [visit.controls["balls"] for visit in self.visited]

    def measure(self, balls, force):
        return {"distance": "far" if force / balls > 2 else "near", "ways": np.zeros(2000)}

    def draw(self):
        return new_figure()[0]

    def tell(self):
        return f"It flies {self.current.results['distance']}."


@pytest.fixture
def lab():
    return Parabola()


@pytest.fixture
def thrower():
    return Thrower()


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
        ({"power": np.zeros(2)}, "one of 2, 4; got array"),
    ],
)
def test_what_cannot_be_set_is_told_and_changes_nothing(lab, setting, words):
    with pytest.raises(MazoeziError) as caught:
        lab.set(**setting)
    assert words in str(caught.value)
    assert lab.visited == [] and lab.current.controls["x"] == 1.0


@pytest.mark.parametrize("value", [1.5, 1.0, True, 4, "1"])
def test_a_whole_number_is_asked_where_nothing_else_has_a_meaning(thrower, value):
    with pytest.raises(MazoeziError, match="'balls' takes a whole number from 0 to 3; got"):
        thrower.set(balls=value)


def test_numbers_of_numpy_and_jax_are_taken_as_pythons_own(lab, thrower):
    assert lab.set(x=np.float32(0.5)).controls["x"] == 0.5
    assert type(lab.set(x=np.float64(0.5)).controls["x"]) is float
    assert type(thrower.set(balls=np.int64(2)).controls["balls"]) is int
    assert lab.set(flip=np.bool_(True)).controls["flip"] is True


def test_a_visit_is_shown_by_its_settings_and_short_results(thrower):
    assert repr(thrower.set(force=8)) == "Visit(balls=1, force=8 -> distance='far')"


def test_to_import_labs_costs_no_plotting_and_no_widgets():
    heavy = "{'matplotlib', 'ipywidgets', 'IPython', 'jax'}"
    program = f"import sys, mazoezi.course.lab; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.strip() == "set()"


def test_a_prediction_is_recorded_with_what_came(thrower):
    assert thrower.predict("far", balls=2, force=1.0).right is False
    assert thrower.predict("far", force=9.0).right
    assert [(one.said, one.came) for one in thrower.predictions] == [
        ("far", "near"),
        ("far", "far"),
    ]
    assert [visit.controls["force"] for visit in thrower.visited] == [1.0, 9.0]


def test_the_words_after_a_prediction_compare_it_with_what_came(thrower):
    thrower.predict("far", balls=2)
    assert thrower.words() == "You predicted *far*, but it is *near*.\nIt flies near."
    thrower.predict("near", balls=3)
    assert thrower.words().startswith("You predicted *near*, and so it is.")
    thrower.set(force=2.0)
    assert thrower.words() == "It flies near."


def test_a_prediction_that_cannot_be_is_told_and_not_recorded(lab, thrower):
    with pytest.raises(MazoeziError, match="one of 'near', 'far' as prediction; got 'nowhere'"):
        thrower.predict("nowhere", balls=2)
    with pytest.raises(MazoeziError, match="A parabola asks for no prediction"):
        lab.predict("near")
    assert thrower.predictions == [] and thrower.visited == []


def display_of(lab, monkeypatch):
    """Show a lab as a notebook does; return its boxes and what was displayed, with handles."""
    displayed, handles = [], []

    def display(thing, **_):
        displayed.append(thing)
        handles.append(MagicMock())
        return handles[-1]

    monkeypatch.setattr(_lab_view, "display", display)
    lab._ipython_display_()
    *controls, form = displayed[0].children
    widgets = dict(zip(lab.controls, controls, strict=True))
    return widgets, form, displayed, handles


@pytest.fixture
def shown(lab, monkeypatch):
    """Show the lab; return its widgets by name, the picture and its handle."""
    widgets, _, displayed, handles = display_of(lab, monkeypatch)
    return widgets, displayed[1], handles[1]


@pytest.fixture
def asking(thrower, monkeypatch):
    """Show a lab that asks; return its widgets, the form, and the handle of its words."""
    thrower.set(balls=1)
    widgets, form, _, handles = display_of(thrower, monkeypatch)
    return widgets, form, handles[2]


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
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == "A parabola. The height is 1.00." == data["text/plain"]


def test_each_control_has_its_widget(shown):
    kinds = [type(widget) for widget in shown[0].values()]
    assert kinds == [
        ipywidgets.FloatSlider, ipywidgets.Dropdown, ipywidgets.FloatLogSlider, ipywidgets.Checkbox,
    ]  # fmt: skip
    assert (shown[0]["x"].min, shown[0]["x"].max, shown[0]["x"].step) == (-2, 2, 0.1)
    assert shown[0]["x"].readout_format == ".1f"  # as many digits as the steps have


def told(words):
    return str(words.update.call_args.args[0])


def test_a_hand_must_predict_before_it_sees(thrower, asking):
    widgets, form, words = asking
    assert form.layout.display == "none"
    widgets["balls"].value = 2
    widgets["force"].value = 8.0
    assert form.layout.display == "" and form.children[1].value is None
    assert "Predict first" in told(words)
    assert len(thrower.visited) == 1 and thrower.predictions == []
    form.children[1].value = "near"
    assert thrower.predictions == [({"balls": 2, "force": 8.0}, "near", "far")]
    assert "You predicted" in told(words) and form.layout.display == "none"
    assert len(thrower.visited) == 2


def test_a_hand_that_goes_back_need_not_predict(thrower, asking):
    widgets, form, words = asking
    widgets["balls"].value = 2
    widgets["balls"].value = 1
    assert form.layout.display == "none" and "It flies near" in told(words)
    assert thrower.predictions == []


def test_the_second_question_has_no_answer_chosen(thrower, asking):
    widgets, form, _ = asking
    widgets["balls"].value = 2
    form.children[1].value = "near"
    widgets["balls"].value = 3
    assert form.children[1].value is None
    form.children[1].value = "near"
    assert len(thrower.predictions) == 2


def test_an_error_by_hand_is_told_below_the_picture(thrower, asking):
    widgets, form, words = asking
    widgets["balls"].value = 0
    form.children[1].value = "far"
    assert "ZeroDivisionError" in told(words)
    assert thrower.current.controls["balls"] == 1


def test_a_lab_shown_twice_is_kept_up_to_date_in_both_places(lab, monkeypatch):
    pictures = [display_of(lab, monkeypatch)[3][1] for _ in range(2)]
    lab.set(x=0.5)
    assert [picture.update.call_count for picture in pictures] == [1, 1]


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


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_waits_for_the_end_of_a_move_by_hand(lab, monkeypatch, enabled):
    """And is then gone, unless the learner has switched collection off."""
    alive = weakref.WeakSet()

    def leave_garbage(**controls):
        figure, _ = new_figure()
        alive.add(figure)
        during.append(gc.isenabled())
        return Parabola.measure(lab, **controls)

    during: list[bool] = []
    monkeypatch.setattr(lab, "measure", leave_garbage)
    monkeypatch.setattr(_lab_view, "display", MagicMock())
    view = _lab_view.LabView(lab)
    (gc.enable if enabled else gc.disable)()
    try:
        view._widgets["x"].value = -1.0
        assert during == [False]
        assert gc.isenabled() == enabled
        assert len(alive) == (0 if enabled else 1)
    finally:
        gc.enable()
