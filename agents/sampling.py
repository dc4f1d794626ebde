"""What a sample says of the whole: the exact interval for a defect rate.

C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
illustrated in the case of the binomial", Biometrika 26 (1934), 404-413. Its
limits are quantiles of the beta distribution. They are found here from the
continued fraction of the incomplete beta integral (DLMF 8.17.22) with
Newton's method inside a bracket, so that no statistics package is loaded for
two numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, isfinite, lgamma, log, log1p

CONFIDENCE = 0.95
_NEAR = 1e-15
_TINY = 1e-300
_TERMS = 100_000
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Point:
    """The rate after so many inspected items, with its two-sided interval; all rates as parts of 1."""

    inspected: int
    defects: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        return self.defects / self.inspected if self.inspected else 0.0


@lru_cache(maxsize=4096)  # a page draws the same series every two seconds
def clopper_pearson(defects: int, inspected: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The two-sided interval (low, high) for the defect rate, as parts of 1; (0, 1) when nothing was inspected.

    low is the alpha/2 quantile of Beta(defects, inspected - defects + 1) and high the 1 - alpha/2 quantile of
    Beta(defects + 1, inspected - defects), alpha = 1 - confidence. Raises ValueError for counts that cannot be.
    """
    _check(defects, inspected, confidence)
    tail = (1 - confidence) / 2
    return _lower(defects, inspected, tail), _upper(defects, inspected, tail)


def upper_bound(defects: int, inspected: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided bound: with this confidence the rate is at most this. 1 when nothing was inspected.

    The `confidence` quantile of Beta(defects + 1, inspected - defects). Raises ValueError as clopper_pearson does.
    """
    _check(defects, inspected, confidence)
    return _upper(defects, inspected, 1 - confidence)


def _check(defects: int, inspected: int, confidence: float) -> None:
    if not 0 <= defects <= inspected:
        raise ValueError(f"{defects} defects of {inspected} inspected: expected 0 <= defects <= inspected.")
    if not (isfinite(confidence) and 0 < confidence < 1):
        raise ValueError(f"confidence {confidence}: expected a number between 0 and 1.")


def _lower(defects: int, inspected: int, tail: float) -> float:
    """The rate at which so many defects or more have the chance `tail`."""
    if defects == 0:
        return 0.0
    if defects == inspected:
        return exp(log(tail) / inspected)
    return _quantile(tail, defects, inspected - defects + 1)


def _upper(defects: int, inspected: int, tail: float) -> float:
    """The rate at which so few defects or fewer have the chance `tail`; by the mirror image of _lower."""
    return 1 - _lower(inspected - defects, inspected, tail)


def _quantile(chance: float, a: int, b: int) -> float:
    """x where the regularized incomplete beta integral I_x(a, b) is `chance`."""
    scale = lgamma(a + b) - lgamma(a) - lgamma(b)
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(_TRIES):
        wrong = _integral(x, a, b, scale) - chance
        low, high = (low, x) if wrong > 0 else (x, high)
        density = exp(scale + (a - 1) * log(x) + (b - 1) * log1p(-x))
        step = x - wrong / density if density > _TINY else low
        if not low < step < high:  # Newton left the bracket: halve it
            step = (low + high) / 2
        if abs(step - x) <= _NEAR * x:
            return step
        x = step
    return x


def _integral(x: float, a: int, b: int, scale: float) -> float:
    """I_x(a, b); its fraction converges fast below the mean, so above it the mirror image is taken."""
    front = exp(scale + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: int, b: int) -> float:
    """The continued fraction of DLMF 8.17.22, evaluated by Lentz's method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / _not_zero(1 + even * d), _not_zero(1 + even / c)
        value *= c * d
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _not_zero(1 + odd * d), _not_zero(1 + odd / c)
        value *= c * d
        if abs(c * d - 1) < _NEAR:
            break
    return value


def _not_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
