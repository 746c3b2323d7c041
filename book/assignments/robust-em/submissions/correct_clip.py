"""The floor by a comparison; lists are returned."""


def floored_m_step(x, resp, floor):
    weights = resp.mean(axis=0)
    means = (resp * x[:, None]).mean(axis=0) / weights
    variances = (resp * (x[:, None] - means) ** 2).mean(axis=0) / weights
    variances[variances < floor] = floor
    return [weights.tolist(), means.tolist(), variances.tolist()]
