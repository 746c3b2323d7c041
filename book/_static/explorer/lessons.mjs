// What an explorer starts from, and what of it is shown. A lesson is a small explorer in a
// chapter; a preset is a situation of the large one. `falls` says that an M-step from this start
// lowers the log-likelihood.

import { DATA } from "./data.mjs";
import { makeState } from "./state.mjs";

const line = (weights, means, variances) => ({
  weights,
  means: means.map((mean) => [mean]),
  covs: variances.map((variance) => [variance]),
});
const FIRST = line([1 / 3, 1 / 3, 1 / 3], [-4, 0, 8], [1, 0.2, 3]);
const SECOND = line([0.2, 0.3, 0.5], [-2, 1, 5], [2, 0.5, 4]);
const plusMinus = (mu) => line([0.5, 0.5], [-mu, mu], [1, 1]);
const seven = (mixture, more) => () => makeState({ points: DATA.seven.points, mixture, ...more });
const geyser = (means, cov, more) => () => {
  const weights = means.map(() => 1 / means.length);
  const mixture = { weights, means, covs: means.map(() => cov) };
  return makeState({ points: DATA.faithful.points, mixture, ...more });
};

export const PRESETS = {
  first: {
    title: "Seven points, first start",
    says: "Take turns: E-step, M-step. After three rounds the log-likelihood is −13.97; after five, the mixture is the one that the chapter prints.",
    state: seven(FIRST),
  },
  second: {
    title: "Seven points, second start",
    says: "No weight equals another and no variance is 1, so that mistakes show.",
    state: seven(SECOND),
  },
  faithful: {
    title: "Old Faithful, two components",
    says: "272 eruptions of a geyser. Full covariances turn the ellipses as the data want; compare BIC with the other types.",
    state: geyser([[3, 60], [4, 70]], [0.5, 0, 80]),
  },
  many: {
    title: "K too large",
    says: "Five components on Old Faithful. The log-likelihood beats that of two, which is −1130.26. BIC does not: for two it is 2322.19.",
    state: geyser([[1.8, 50], [2.2, 60], [3.8, 72], [4.3, 80], [4.7, 86]], [0.1, 0, 40]),
  },
  collapse: {
    title: "A component collapses",
    says: "Component 2 stands on the point 2, which has no near neighbour. Go on round by round: it narrows, the log-likelihood rises, and there is no end to it.",
    state: seven(line([0.8, 0.2], [0, 2], [8, 0.5])),
  },
  identical: {
    title: "Identical components",
    says: "All components start the same. They share every point equally, for ever. Drag one aside, however little, and the tie is broken.",
    state: seven(line([1 / 3, 1 / 3, 1 / 3], [1, 1, 1], [4, 4, 4])),
  },
  swapped: {
    title: "Swapped labels",
    says: "The first start with the names of its components exchanged. Each number but the names is the same, in every round: the likelihood does not know names.",
    state: seven(line([1 / 3, 1 / 3, 1 / 3], [8, -4, 0], [3, 1, 0.2])),
  },
  kmeans: {
    title: "k-means as the limit",
    says: "Weights and variances are held, and one variance is common to all. Make it small: shares become all or nothing, and a round becomes a step of k-means.",
    state: () =>
      makeState({
        points: DATA.scaled.points,
        mixture: { weights: [1 / 3, 1 / 3, 1 / 3], means: [[-1.2, 1], [0.3, -0.5], [1, 1.2]], covs: [0, 1, 2].map(() => [0.5, 0, 0.5]) },
        type: "spherical",
        free: "m",
      }),
  },
  plusminus: {
    title: "The plus-minus model",
    says: "One parameter: two components at −μ and μ, with weights 1/2 and variances 1. Log-likelihood and bound are curves over μ.",
    state: () => makeState({ points: DATA.four.points, mixture: plusMinus(0.25), free: "mirror", window: [[-4, 4]] }),
  },
  loose: {
    title: "A bound that does not touch",
    says: "The responsibilities come from μ = 0.3, but μ stands at 1. Take an M-step. Undo it, take an E-step first, and compare.",
    falls: true,
    state: () =>
      makeState({ points: DATA.four.points, mixture: plusMinus(1), frozen: plusMinus(0.3), free: "mirror", window: [[-4, 4]] }),
  },
};

const FULL = { presets: true, choices: true, parameters: true, numbers: true, trace: true, hand: true, data: true, python: true, round: true };

export const LESSONS = {
  explorer: { title: "EM explorer", preset: "first", show: FULL },
  "point-and-curves": {
    title: "The row of one point",
    state: seven(FIRST, { live: true, window: [[-7.5, 11.5]] }),
    probe: [2],
    show: { hand: true, parameters: true },
  },
  "seven-points-step": {
    title: "One E-step, three updates",
    state: seven(FIRST),
    show: { split: true, ledger: true },
  },
  "touching-bound": {
    title: "The bound that touches",
    state: PRESETS.loose.state,
    falls: true,
    show: { boundFirst: true, numbers: true, ledger: true },
  },
  "three-ends": {
    title: "Three ends of one problem",
    state: seven(line([0.5, 0.5], [-3, 5], [1, 1])),
    show: { round: true, numbers: true },
  },
  "one-point": {
    title: "A component on one point",
    state: PRESETS.collapse.state,
    show: { round: true, ledger: true },
  },
  "common-variance": {
    title: "A common variance that is held",
    state: seven(line([1 / 3, 1 / 3, 1 / 3], [-4, 0, 8], [20, 20, 20]), { type: "tied", free: "m", window: [[-7.5, 11.5]] }),
    show: { round: true, spread: true, numbers: true },
  },
};
