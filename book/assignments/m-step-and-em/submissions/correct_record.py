"""The M-step returns a mixture; hand numbers are text."""

tupled = m_step


class Parameters:
    def __init__(self, weights, means, covariances):
        self.weights, self.means, self.covariances = weights, means, covariances

    def __iter__(self):
        return iter((self.weights, self.means, self.covariances))

    def __getitem__(self, index):
        return tuple(self)[index]


def m_step(x, resp):
    return Parameters(*tupled(x, resp))


pencil_means = [str(number) for number in pencil_means]
diagnosis = "B"
