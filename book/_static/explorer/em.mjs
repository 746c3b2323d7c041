// The mathematics of the explorer: the same numbers as gmmtutor's, which tests/site/explorer.py
// compares. One or two features. Points are arrays of D numbers; a covariance is [variance] in one
// dimension and [a, b, c], for the matrix with rows (a, b) and (b, c), in two.

const LOG_2PI = Math.log(2 * Math.PI);
const EPS = 2 ** -52;
const SMALLEST_SD = 1e-8; // of the data's spread
export const COVARIANCE_TYPES = ["full", "tied", "diag", "spherical"];

export class Degenerate extends Error {}

// Lower triangle of the Cholesky factor: [l11] or [l11, l21, l22]; null if not positive definite.
export function cholesky(cov) {
  if (!(cov[0] > 0)) return null;
  const l11 = Math.sqrt(cov[0]);
  if (cov.length === 1) return [l11];
  const l21 = cov[1] / l11;
  const rest = cov[2] - l21 * l21;
  return rest > 0 ? [l11, l21, Math.sqrt(rest)] : null;
}

// Squared Mahalanobis distance, by forward substitution.
export function distance2(x, mean, factor) {
  const u = (x[0] - mean[0]) / factor[0];
  if (factor.length === 1) return u * u;
  const v = (x[1] - mean[1] - factor[1] * u) / factor[2];
  return u * u + v * v;
}

export function logDeterminant(factor) {
  return 2 * (Math.log(factor[0]) + (factor.length > 1 ? Math.log(factor[2]) : 0));
}

export function logGaussian(x, mean, cov) {
  const factor = cholesky(cov);
  return -0.5 * (x.length * LOG_2PI + logDeterminant(factor) + distance2(x, mean, factor));
}

// log weight + log density, one row a point.
export function weightedLogProb(X, mixture) {
  const { weights, means } = mixture;
  const factors = mixture.covs.map(cholesky);
  const fixed = factors.map(
    (factor, k) => Math.log(weights[k]) - 0.5 * (means[k].length * LOG_2PI + logDeterminant(factor)),
  );
  return X.map((x) => means.map((mean, k) => fixed[k] - 0.5 * distance2(x, mean, factors[k])));
}

export function logSumExp(row) {
  let largest = -Infinity;
  for (const value of row) if (value > largest) largest = value;
  let sum = 0;
  for (const value of row) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

export const eStep = (X, mixture) => sharesOf(weightedLogProb(X, mixture));
export const lowerBound = (X, resp, mixture) => boundOf(weightedLogProb(X, mixture), resp);

// Responsibilities and log-likelihood from the logs of weight times density.
export function sharesOf(joint) {
  let logLikelihood = 0;
  const resp = joint.map((row) => {
    const total = logSumExp(row);
    logLikelihood += total;
    return row.map((value) => Math.exp(value - total));
  });
  return { resp, logLikelihood };
}

export function boundOf(joint, resp) {
  let bound = 0;
  joint.forEach((row, n) =>
    row.forEach((value, k) => {
      const r = resp[n][k];
      if (r > 0) bound += r * (value - Math.log(r)); // 0 log 0 = 0
    }),
  );
  return bound;
}

// Projects full covariances on a covariance type; weights are those of the M-step.
export function constrain(covs, weights, type) {
  const two = covs[0].length > 1;
  if (type === "tied") {
    const pooled = covs[0].map((_, i) => covs.reduce((sum, cov, k) => sum + weights[k] * cov[i], 0));
    return covs.map(() => pooled);
  }
  if (!two || type === "full") return covs;
  if (type === "diag") return covs.map(([a, , c]) => [a, 0, c]);
  return covs.map(([a, , c]) => [(a + c) / 2, 0, (a + c) / 2]);
}

// One M-step with the responsibilities held fixed. `free` says what may move: any of m (means),
// c (covariances), w (weights), or "mirror", the plus-minus model. What may not move stays.
export function mStep(X, resp, mixture, { type = "full", free = "mcw" } = {}) {
  if (free === "mirror") {
    const mu = X.reduce((sum, [x], n) => sum + x * (resp[n][1] - resp[n][0]), 0) / X.length;
    return { ...mixture, means: [[-mu], [mu]] };
  }
  const counts = mixture.means.map((_, k) => resp.reduce((sum, row) => sum + row[k], 0));
  requireOccupied(counts);
  const total = counts.reduce((a, b) => a + b, 0);
  const shares = counts.map((count) => count / total);
  const means = free.includes("m")
    ? counts.map((count, k) => X[0].map((_, d) => weighted(X, resp, k, (x) => x[d]) / count))
    : mixture.means;
  let covs = mixture.covs;
  if (free.includes("c")) {
    covs = constrain(counts.map((count, k) => scatter(X, resp, k, means[k], count)), shares, type);
    requireSpread(X, covs, counts);
  }
  return { weights: free.includes("w") ? shares : mixture.weights, means, covs };
}

function weighted(X, resp, k, value) {
  let sum = 0;
  for (let n = 0; n < X.length; n++) sum += resp[n][k] * value(X[n]);
  return sum;
}

// Covariance about a mean, divided by the effective count.
function scatter(X, resp, k, mean, count) {
  const part = (i, j) => weighted(X, resp, k, (x) => (x[i] - mean[i]) * (x[j] - mean[j])) / count;
  return mean.length === 1 ? [part(0, 0)] : [part(0, 0), part(0, 1), part(1, 1)];
}

function requireOccupied(counts) {
  counts.forEach((count, k) => {
    if (count < 10 * EPS)
      throw new Degenerate(
        `Component ${k + 1} has emptied: no point has a share in it worth the name. ` +
          "Undo and put it near some points, or use fewer components.",
      );
  });
}

// As gmmtutor.em.require_spread: in units of each feature's own spread.
function requireSpread(X, covs, counts) {
  const spread = dataSpread(X);
  covs.forEach((cov, k) => {
    const s = spread;
    const scaled =
      cov.length === 1
        ? [cov[0] / s[0] / s[0]]
        : [cov[0] / s[0] / s[0], cov[1] / s[0] / s[1], cov[2] / s[1] / s[1]];
    const [large, small] = eigen(scaled).values;
    const least = cov.length === 1 ? large : small;
    const rounding = cov.length === 1 ? 0 : 2 * EPS * large;
    if (!(least > Math.max(SMALLEST_SD ** 2, rounding)))
      throw new Degenerate(
        `Component ${k + 1} has collapsed: it has shrunk onto ` +
          (cov.length === 1 ? "a single place" : "a single place or a line") +
          `, with an effective count of ${counts[k].toPrecision(3)}. Each further round would raise ` +
          "the log-likelihood, without end: it has no maximum here. Undo and start elsewhere.",
      );
  });
}

export function dataSpread(X) {
  return X[0].map((_, d) => {
    const column = X.map((x) => x[d]);
    const mean = column.reduce((a, b) => a + b, 0) / X.length;
    const sd = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / X.length);
    const largest = column.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const constant = column.every((x) => x === column[0]);
    return constant ? Infinity : Math.max(sd, ((10 * EPS) / SMALLEST_SD) * largest);
  });
}

// Eigenvalues, largest first, and unit eigenvectors of a covariance.
export function eigen(cov) {
  if (cov.length === 1) return { values: [cov[0], cov[0]], vectors: [[1], [1]] };
  const [a, b, c] = cov;
  const large = (a + c) / 2 + Math.hypot((a - c) / 2, b);
  const small = large > 0 ? (a * c - b * b) / large : 0; // no cancellation, unlike the minus root
  const angle = 0.5 * Math.atan2(2 * b, a - c);
  const u = [Math.cos(angle), Math.sin(angle)];
  return { values: [large, small], vectors: [u, [-u[1], u[0]]] };
}

export function nParameters(K, D, type) {
  const symmetric = (D * (D + 1)) / 2;
  return K - 1 + K * D + { full: K * symmetric, tied: symmetric, diag: K * D, spherical: K }[type];
}

export function aic(logLikelihood, K, D, type) {
  return 2 * nParameters(K, D, type) - 2 * logLikelihood;
}

export function bic(logLikelihood, K, D, type, N) {
  return nParameters(K, D, type) * Math.log(N) - 2 * logLikelihood;
}

// One step of Lloyd's algorithm, to which EM tends when all variances are equal and go to 0.
export function kmeansStep(X, centres) {
  const labels = X.map((x) => {
    const far = centres.map((centre) => x.reduce((sum, v, d) => sum + (v - centre[d]) ** 2, 0));
    return far.indexOf(Math.min(...far));
  });
  const moved = centres.map((centre, k) => {
    const mine = X.filter((_, n) => labels[n] === k);
    if (!mine.length) return centre;
    return centre.map((_, d) => mine.reduce((sum, x) => sum + x[d], 0) / mine.length);
  });
  return { labels, centres: moved };
}

// Log-likelihood and bound as functions of one number t, with the mixture at t given by `at`.
export function along(X, resp, at, ts) {
  return ts.map((t) => {
    const mixture = at(t);
    return {
      t,
      logLikelihood: eStep(X, mixture).logLikelihood,
      bound: resp ? lowerBound(X, resp, mixture) : null,
    };
  });
}

// The same where `at` moves the first feature of mean k and nothing else: then only one column of
// logs changes, and the bound is a parabola, known from three places.
export function alongMean(X, resp, mixture, k, ts) {
  const at = (t) => ({
    ...mixture,
    means: mixture.means.map((mean, i) => (i === k ? [t, ...mean.slice(1)] : mean)),
  });
  const fixed = weightedLogProb(X, mixture);
  const one = (t) => ({ weights: [mixture.weights[k]], means: [at(t).means[k]], covs: [mixture.covs[k]] });
  const [low, high] = [ts[0], ts[ts.length - 1]];
  const middle = (low + high) / 2;
  const [a, b, c] = resp ? [low, middle, high].map((t) => lowerBound(X, resp, at(t))) : [];
  return ts.map((t) => {
    const moved = weightedLogProb(X, one(t));
    let logLikelihood = 0;
    fixed.forEach((row, n) => {
      const old = row[k];
      row[k] = moved[n][0];
      logLikelihood += logSumExp(row);
      row[k] = old;
    });
    const u = (t - middle) / (high - middle); // from -1 to 1
    return { t, logLikelihood, bound: resp ? b + (u * (c - a)) / 2 + (u * u * (a + c - 2 * b)) / 2 : null };
  });
}
