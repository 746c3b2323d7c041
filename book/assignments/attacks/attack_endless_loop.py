"""Never comes back."""


def attack(*_):
    while True:
        pass
