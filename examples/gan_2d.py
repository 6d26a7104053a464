"""Two nets against each other: a generator learns to draw points from eight Gaussians on a circle.

A GAN (Goodfellow et al. 2014) likes to collapse: the generator finds one mode that deceives the discriminator and
stays there. The example counts the modes that are covered: at least 1 % of the points lie within three standard
deviations of their centre.

    python examples/gan_2d.py
"""

import sys

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

SEED = 0
MODES, DEVIATION = 8, 0.1
ANGLES = 2 * np.pi * np.arange(MODES) / MODES
CENTRES = 2 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
NOISE = 8


def drawn(rng: np.random.Generator, n: int):
    """Points of the mixture."""
    points = CENTRES[rng.integers(MODES, size=n)] + DEVIATION * rng.normal(size=(n, 2))
    return points.astype(np.float32)


def noise(rng: np.random.Generator, n: int):
    """What the generator makes points of."""
    return rng.normal(size=(n, NOISE)).astype(np.float32)


def net(inputs: int, outputs: int, hidden: int = 64) -> nn.Module:
    """Two hidden layers."""
    layers = [nn.Linear(inputs, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Linear(hidden, outputs))


def coverage(points) -> tuple[int, float]:
    """How many modes are covered, and the share of points that belong to any."""
    distances = np.linalg.norm(points[:, None] - CENTRES, axis=2)
    near = distances.min(axis=1) < 3 * DEVIATION
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=MODES)
    return int(np.sum(counts >= 0.01 * len(points))), float(near.mean())


def main(steps: int = 6000, batch: int = 256) -> int:
    """Train, and give the number of modes that are covered."""
    rng = np.random.default_rng(SEED)
    ag.manual_seed(SEED)
    generator, discriminator = net(NOISE, 2), net(2, 1)
    betas = (0.5, 0.999)
    generator_optimizer = optim.Adam(generator.parameters(), lr=5e-4, betas=betas)
    discriminator_optimizer = optim.Adam(discriminator.parameters(), lr=5e-4, betas=betas)
    softplus = nn.functional.softplus  # of -s, the cross-entropy of a score s with "real"; of s, with "made"

    @ag.compile
    def step(real, first, second):
        discriminator_optimizer.zero_grad()
        made = generator(first).detach()
        loss = softplus(-discriminator(real)).mean() + softplus(discriminator(made)).mean()
        loss.backward()
        discriminator_optimizer.step()
        generator_optimizer.zero_grad()
        deceived = softplus(-discriminator(generator(second))).mean()
        deceived.backward()
        generator_optimizer.step()
        return loss, deceived

    for i in range(steps):
        loss, deceived = step(drawn(rng, batch), noise(rng, batch), noise(rng, batch))
        if (i + 1) % max(1, steps // 5) == 0:
            with ag.no_grad():
                covered, near = coverage(generator(noise(rng, 2000)).numpy())
            print(
                f"step {i + 1:5}: discriminator {loss.item():.3f}, generator {deceived.item():.3f}, "
                f"{covered} of {MODES} modes, {near:.0%} of the points near one"
            )
    print(f"the generator covers {covered} of {MODES} modes")
    return covered


if __name__ == "__main__":
    sys.exit(main() < 7)
