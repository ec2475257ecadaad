"""What it costs that students sit in classes: corrections of the What Works Clearinghouse (Handbook 5.0, appendix E).

Students of a class are alike, so N of them are worth fewer. `rho` is the intraclass correlation, n the mean size of a
class. Both groups in classes, or only the group with the change.
"""

from dataclasses import dataclass

from federation.effects import Effect

RHO = 0.10
RHO_OF_ACHIEVEMENT = 0.20
"""What the handbook assumes where nobody has counted it."""


@dataclass(frozen=True, slots=True)
class ClusterCorrection:
    """The effect is multiplied by the square root of `gamma`, its sampling variance by `gamma` and `eta`.

    `degrees` of freedom are left for tests.
    """

    gamma: float
    eta: float
    degrees: float

    def applied(self, effect: Effect) -> Effect:
        return Effect(effect.estimate * self.gamma**0.5, effect.variance * self.gamma * self.eta)


def both_in_classes(total: float, class_size: float, rho: float = RHO) -> ClusterCorrection:
    """Args: `total` students in both groups together, `class_size` their classes' mean."""
    n, within = class_size, total - 2
    lost = 2 * (n - 1) * rho
    spread = within * (1 - rho) ** 2 + n * (total - 2 * n) * rho**2 + 2 * (total - 2 * n) * rho * (1 - rho)
    return ClusterCorrection(1 - lost / within, 1 + (n - 1) * rho, (within - lost) ** 2 / spread)


def one_in_classes(clustered: float, other: float, class_size: float, rho: float = RHO) -> ClusterCorrection:
    """Args: students of the group in classes, students of the other one, the classes' mean size."""
    total, n = clustered + other, class_size
    within = total - 2
    kept = within * (1 - rho) + (clustered - n) * rho
    spread = within * (1 - rho) ** 2 + (clustered - n) * n * rho**2 + 2 * (clustered - n) * rho * (1 - rho)
    gamma = 1 - (other + n - 2) * rho / within
    return ClusterCorrection(gamma, 1 + (n * other / total - 1) * rho, kept**2 / spread)
