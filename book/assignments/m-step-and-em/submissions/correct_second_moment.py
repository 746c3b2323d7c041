"""The variance as second moment minus squared mean."""


def m_step(x, resp):
    weights = resp.mean(axis=0)
    means = (resp * x[:, None]).mean(axis=0) / weights
    return weights, means, (resp * x[:, None] ** 2).mean(axis=0) / weights - means**2
