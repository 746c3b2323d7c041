"""Takes eight gigabytes."""


def attack(*_):
    taken = []
    for _ in range(80):
        taken.append(bytearray(100_000_000))
    return len(taken)
