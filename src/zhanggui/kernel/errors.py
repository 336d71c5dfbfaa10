"""The error tree: one root, branched by who must act, with the HTTP status on the type.

ZhangguiError
├── MerchantError        the merchant or the caller can mend it          4xx
│   ├── BadInput         a field is not what was expected                422
│   ├── NotFound         no such thing, or not yours                     404
│   ├── Conflict         the thing moved on meanwhile                    409
│   ├── Forbidden        the role or the policy says no                  403
│   ├── NotSignedIn      no valid session or token                       401
│   └── BudgetSpent      the merchant's own limit is reached             402
├── OperatorError        settings, weights, disk, database               500
│   └── NotConfigured    a setting or an extra is missing                501
├── RetryLater           a provider is slow or down; try again           503
└── ProgrammerError      a broken promise between our own modules        500
"""

from typing import ClassVar


class ZhangguiError(Exception):
    """Root of every error that this project raises on purpose."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class MerchantError(ZhangguiError):
    """Whoever called can mend it."""

    status = 400
    code = "bad-request"


class BadInput(MerchantError):
    """A value is not what was expected. Names the row (1-based, where there are rows) and the field."""

    status = 422
    code = "bad-input"

    def __init__(self, *, field: str, expected: str, found: str, row: int | None = None) -> None:
        shown = found if len(found) <= 200 else f"{found[:200]}… ({len(found)} characters)"
        place = f"row {row}, {field}" if row is not None else field
        super().__init__(
            f"{place}: expected {expected}, found {shown!r}", row=row, field=field, expected=expected, found=shown
        )
        self.row, self.field, self.expected, self.found = row, field, expected, shown


class NotFound(MerchantError):
    """There is no such thing, or it belongs to another merchant."""

    status = 404
    code = "not-found"


class Conflict(MerchantError):
    """The thing is no longer in the state that the caller saw."""

    status = 409
    code = "conflict"


class Forbidden(MerchantError):
    """The role, the scope or the policy does not allow it."""

    status = 403
    code = "forbidden"


class NotSignedIn(MerchantError):
    """No valid session or token."""

    status = 401
    code = "not-signed-in"


class BudgetSpent(MerchantError):
    """The merchant's own limit on cost or calls is reached."""

    status = 402
    code = "budget-spent"


class OperatorError(ZhangguiError):
    """Whoever runs the installation must act: disk, database, weights, settings."""

    code = "operator"


class NotConfigured(OperatorError):
    """A setting, a model or an optional extra is missing."""

    status = 501
    code = "not-configured"


class RetryLater(ZhangguiError):
    """Something outside is slow or down; the same call may succeed later."""

    status = 503
    code = "retry-later"


class ProgrammerError(ZhangguiError):
    """Two of our own modules broke a promise to each other."""

    code = "programmer"
