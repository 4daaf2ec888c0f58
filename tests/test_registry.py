"""Names of backends: built-ins, plug-ins, and what a wrong name or option is told."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from contentfab import registry
from contentfab.errors import InputError, MissingDependency
from contentfab.settings import parse_sets, profile_names, resolve_settings


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch):
    """Entry points as installed packages would declare them."""
    declared: list[EntryPoint] = []
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [p for p in declared if p.group == group]
    )
    registry._plugins.cache_clear()
    yield declared
    registry._plugins.cache_clear()


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, "contentfab.copywriters")


def test_a_plugin_is_found_by_its_name(plugins: list[EntryPoint]) -> None:
    plugins.append(point("echo", "collections:OrderedDict"))
    assert "echo" in registry.names("copywriters")
    assert registry.load("copywriters", "echo").__name__ == "OrderedDict"


def test_two_packages_with_one_name_are_both_named(plugins: list[EntryPoint]) -> None:
    plugins += [point("echo", "one:Writer"), point("echo", "two:Writer")]
    with pytest.raises(InputError, match="one:Writer and two:Writer"):
        registry.names("copywriters")


def test_a_plugin_cannot_take_a_built_in_name(plugins: list[EntryPoint]) -> None:
    plugins.append(point("offline", "other:Writer"))
    with pytest.raises(InputError, match="contentfab and other:Writer"):
        registry.names("copywriters")


def test_a_plugin_that_lacks_a_package_is_a_missing_dependency(plugins: list[EntryPoint]) -> None:
    plugins.append(point("echo", "no_such_package:Writer"))
    with pytest.raises(MissingDependency) as caught:
        registry.load("copywriters", "echo")
    assert caught.value.hint == "pip install no_such_package"


def test_every_built_in_can_be_loaded() -> None:
    for role, known in registry.BUILTINS.items():
        for name in known:
            assert isinstance(registry.load(role, name), type)


def test_sets_win_over_environment_over_campaign_over_profile() -> None:
    campaign = {"image": {"model": "from-campaign", "backend": "diffusers", "steps": 9}}
    environ = {"CONTENTFAB_IMAGE_MODEL": "from-environment", "HOME": "/", "OPENAI_API_KEY": "sk"}
    settings = resolve_settings("mini", campaign, environ=environ, sets=["image.steps=3"])
    assert settings.section("image") == {
        "backend": "diffusers",
        "model": "from-environment",
        "steps": 3,
    }
    assert "sk" not in str(settings)


def test_another_backend_does_not_inherit_options() -> None:
    settings = resolve_settings("standard", {}, environ={}, sets=["image.backend=plates"])
    assert settings.section("image") == {"backend": "plates"}


def test_own_profiles_beside_the_campaign(tmp_path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "office.yaml").write_text("copy: {backend: openai, model: qwen3}\n")
    assert profile_names(tmp_path)[-1] == "office"
    settings = resolve_settings("office", {}, environ={}, folder=tmp_path)
    assert settings.section("copy")["model"] == "qwen3"
    assert settings.backend("image") == "plates"


@pytest.mark.parametrize("text", ["a.b", "a.b=", "copy=1", "=1", "copy.=1"])
def test_malformed_sets_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_sets([text, "nothing.here=1"])
