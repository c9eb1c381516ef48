"""Options are made from the settings: names, bounds, help."""

from typing import Any

import click
import pytest

from babybert_tui.cli.command import Real, Whole
from babybert_tui.cli.corpus import corpus_command
from babybert_tui.cli.evaluate import evaluate_command
from babybert_tui.cli.train import train_command
from babybert_tui.settings import SECTIONS, declaration, default_of, setting_names, setting_type


def options_of(command: click.Command) -> dict[str, click.Option]:
    return {str(one.name): one for one in command.params if isinstance(one, click.Option)}


def test_every_setting_is_an_option_of_train() -> None:
    options = options_of(train_command)
    assert set(setting_names()) <= set(options)
    for name in setting_names():
        assert declaration(name).help in str(options[name].help)
        assert "[default: " in str(options[name].help)
        assert f"--{name.replace('_', '-')}" in options[name].opts


def test_train_has_the_options_that_are_no_settings() -> None:
    flags = {flag for option in train_command.params for flag in option.opts}
    assert {"--preset", "--resume", "--restart", "--dry-run", "--json", "--quiet"} <= flags


def test_options_that_are_not_named_leave_the_choice_to_others() -> None:
    options = options_of(train_command)
    context = click.Context(train_command)
    assert all(options[name].get_default(context) is None for name in setting_names())


def test_choices_are_those_of_the_declaration() -> None:
    for name, option in options_of(train_command).items():
        if name in setting_names() and declaration(name).choices:
            assert isinstance(option.type, click.Choice)
            assert tuple(option.type.choices) == declaration(name).choices


def test_corpus_and_evaluate_take_what_concerns_them() -> None:
    for command in (corpus_command, evaluate_command):
        options = options_of(command)
        assert {"corpus", "data_root", "text_field", "encoding_errors", "max_length", "as_json"} <= set(options)
        assert not {"learning_rate", "hidden_size", "optimizer", "max_steps", "keep"} & set(options)
    assert {"tokenizer", "vocab_size", "masking", "mask_probability"} <= set(options_of(corpus_command))
    assert "checkpoint" in options_of(evaluate_command)


def test_help_shows_settings_under_their_sections() -> None:
    text = train_command.get_help(click.Context(train_command, info_name="train", help_option_names=["-h", "--help"]))
    titles = [line[:-1] for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == [*SECTIONS, "Options"]
    masking = text[text.index("Masking:") : text.index("Training:")]
    assert "--mask-probability" in masking
    assert "--learning-rate" not in masking


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "three", ""])
def test_a_number_is_finite(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Real().convert(text, None, None)


@pytest.mark.parametrize(("text", "number"), [("3e-3", 0.003), ("1", 1.0), ("-.5", -0.5)])
def test_numbers_are_read(text: str, number: float) -> None:
    assert Real().convert(text, None, None) == number


@pytest.mark.parametrize(("text", "number"), [("1000", 1000), ("1e3", 1000), ("1_000", 1000)])
def test_whole_numbers_are_read(text: str, number: int) -> None:
    assert Whole().convert(text, None, None) == number


@pytest.mark.parametrize("text", ["1.5", "nan", "inf", "ten", ""])
def test_a_whole_number_is_whole(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Whole().convert(text, None, None)


def test_each_kind_of_setting_has_its_type() -> None:
    expected: dict[type, Any] = {int: Whole, float: Real}
    for name, option in options_of(train_command).items():
        if name in setting_names() and setting_type(name) in expected:
            assert isinstance(option.type, expected[setting_type(name)]), name


def test_the_default_in_the_help_is_the_default() -> None:
    assert f"[default: {default_of('vocab_size')}]" in str(options_of(train_command)["vocab_size"].help)
    assert "[default: 0.003]" in str(options_of(train_command)["learning_rate"].help)
    assert "[default: uncased]" in str(options_of(train_command)["cased"].help)
