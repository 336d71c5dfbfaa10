"""The policies that ship with the package, and those of a merchant's own file."""

from importlib import resources
from pathlib import Path

from zhanggui.kernel.errors import BadInput
from zhanggui.orders.rules.policy import Policy, parse_policy

_FOLDER = resources.files("zhanggui.orders") / "policies"


def shipped_policies() -> tuple[str, ...]:
    """The names of the policies in the package, sorted."""
    files = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


def load_policy(name: str) -> Policy:
    """A shipped policy by its name, or any policy by the path of its YAML file.

    Raises:
        BadInput: there is no such policy, or the file breaks the policy format.
    """
    return parse_policy(policy_text(name))


def policy_text(name: str) -> str:
    """The text of a shipped policy, or of a YAML file.

    Raises:
        BadInput: there is no such policy, or it is no text.
    """
    if name in shipped_policies():
        return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as broken:
            raise BadInput(field="policy", expected="UTF-8 text", found=str(path)) from broken
    raise BadInput(field="policy", expected=f"one of {', '.join(shipped_policies())} or a YAML file", found=name)
