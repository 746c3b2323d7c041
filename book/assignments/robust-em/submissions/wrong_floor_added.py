"""The floor is added to every variance.

loses: floor-held = floor-added
loses: floor-not-held = floor-added
"""

held = floored_m_step


def floored_m_step(x, resp, floor):
    weights, means, variances = held(x, resp, 0.0)
    return weights, means, variances + floor
