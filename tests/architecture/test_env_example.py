"""The example of all settings is what the code says."""

from tools.env_example import SETTINGS, TARGET, env_example


def test_the_example_is_up_to_date() -> None:
    assert TARGET.read_text("utf-8") == env_example(), "run make env-example"


def test_every_setting_says_what_it_is() -> None:
    for settings in SETTINGS:
        assert [name for name, field in settings.model_fields.items() if not field.description] == []
