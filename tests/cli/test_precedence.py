"""Option > environment > --config FILE, else ./babybert.toml > user config > preset > default."""

from pathlib import Path
from typing import Any

import pytest

from babybert_tui.configuration import Configuration, gather
from babybert_tui.errors import RequestError
from babybert_tui.presets import PRESETS
from babybert_tui.settings import Settings

VARIABLE = "BABYBERT_TUI_TRAIN_LEARNING_RATE"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes settings into the four places and gathers them; what is not given is not there."""
    work, home = tmp_path / "work", tmp_path / "home"
    (home / "babybert-tui").mkdir(parents=True)
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))

    def gathered(
        *,
        options: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
        named_file: str | None = None,
        local: str | None = None,
        user: str | None = None,
        **more: Any,
    ) -> Configuration:
        paths = {work / "named.toml": named_file, work / "babybert.toml": local}
        for path, text in {**paths, home / "babybert-tui" / "config.toml": user}.items():
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(f"[train]\n{text}\n", encoding="utf-8")
        config = Path("named.toml") if named_file is not None else None
        return gather(options or {}, config=config, environment=environment or {}, **more)

    return gathered


def test_each_place_beats_those_after_it(places: Any) -> None:
    user, local, named_file = ("learning_rate = 0.1", "learning_rate = 0.2", "learning_rate = 0.3")
    files = {"user": user}
    assert places(**files).settings.learning_rate == 0.1
    files["local"] = local
    assert places(**files).settings.learning_rate == 0.2
    files["named_file"] = named_file
    assert places(**files).settings.learning_rate == 0.3
    environment = {VARIABLE: "0.4"}
    assert places(**files, environment=environment).settings.learning_rate == 0.4
    assert places(**files, environment=environment, options={"learning_rate": 0.5}).settings.learning_rate == 0.5


def test_the_user_config_counts_beside_a_named_file(places: Any) -> None:
    settings = places(user="seed = 3\nkeep = 9", named_file="seed = 4").settings
    assert (settings.seed, settings.keep) == (4, 9)


def test_a_named_file_stands_in_for_the_local_one(places: Any) -> None:
    assert places(local="seed = 3", named_file="keep = 9").settings.seed == 0


def test_a_preset_on_the_command_line_ranks_as_its_options(places: Any) -> None:
    quick = PRESETS["quick"].values
    environment = {"BABYBERT_TUI_TRAIN_NUM_LAYERS": "7"}
    settings = places(preset="quick", local="hidden_size = 256", environment=environment).settings
    assert settings.hidden_size == quick["hidden_size"]
    assert settings.num_layers == quick["num_layers"]


def test_options_beside_a_preset_win(places: Any) -> None:
    assert places(preset="quick", options={"hidden_size": 32}).settings.hidden_size == 32


def test_a_preset_of_a_file_ranks_below_every_file(places: Any) -> None:
    configuration = places(local='preset = "quick"', user="hidden_size = 96")
    assert configuration.preset == "quick"
    assert configuration.settings.hidden_size == 96
    assert configuration.settings.num_heads == PRESETS["quick"].values["num_heads"] != Settings().num_heads


def test_a_named_preset_replaces_that_of_a_file(places: Any) -> None:
    configuration = places(preset="baby", local='preset = "quick"')
    assert configuration.preset == "baby"
    assert configuration.settings.num_heads == Settings().num_heads


def test_what_somebody_has_set_is_known(places: Any) -> None:
    found = places(local="seed = 3", environment={VARIABLE: "0.4"}, options={"keep": 1})
    assert found.named == {"seed", "learning_rate", "keep"}
    assert places(preset="quick").named == set(PRESETS["quick"].values)
    assert places(local='preset = "quick"').named == set()
    assert places(local="seed = 3\nkeep = 1", only=frozenset({"keep"})).named == {"keep"}


def test_an_unknown_key_is_told_with_the_nearest_and_its_file(places: Any) -> None:
    with pytest.raises(RequestError, match=r"babybert\.toml: .* lerning_rate\. Did you mean learning_rate\?"):
        places(local="lerning_rate = 1e-3")
    with pytest.raises(RequestError, match="Did you mean learning_rate"):
        places(environment={"BABYBERT_TUI_TRAIN_LERNING_RATE": "1"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("learning_rate = nan", "babybert.toml: learning_rate must be a finite number"),
        ("learning_rate = inf", "babybert.toml: learning_rate must be a finite number"),
        ('hidden_size = "wide"', "babybert.toml: hidden_size must be a whole number"),
        ("num_layers = 2.5", "babybert.toml: num_layers must be a whole number"),
        ("cased = 1", "babybert.toml: cased must be true or false"),
        ('masking = "tokens"', "Did you mean token?"),
        ('preset = "quik"', "Did you mean quick?"),
        ("seed = ", "is not TOML"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_place(text: str, message: str, places: Any) -> None:
    with pytest.raises(RequestError) as caught:
        places(local=text)
    assert message in str(caught.value)


def test_a_whole_number_will_do_for_a_real_one(places: Any) -> None:
    assert places(local="learning_rate = 1").settings.learning_rate == 1.0


@pytest.mark.parametrize(("text", "value"), [("true", True), ("no", False), ("1", True)])
def test_the_environment_can_say_yes_and_no(text: str, value: bool, places: Any) -> None:
    assert places(environment={"BABYBERT_TUI_TRAIN_CASED": text}).settings.cased is value


def test_the_environment_can_leave_a_choice_to_the_program(places: Any) -> None:
    assert places(local="threads = 3", environment={"BABYBERT_TUI_TRAIN_THREADS": "auto"}).settings.threads is None


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        gather({}, config=tmp_path / "none.toml", environment={})


def test_a_setting_outside_its_table_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "bare.toml"
    file.write_text("seed = 3\n", encoding="utf-8")
    with pytest.raises(RequestError, match=r"outside the table \[train\]"):
        gather({}, config=file, environment={})
