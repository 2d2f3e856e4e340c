/** Summaries of samples. */

/** A sample in numbers: what it is worth, and how far it can be trusted. Unit: that of the samples. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  /** Half the distance between the quartiles over the median: 0.05 means that half of the samples lie within 5%. */
  readonly spread: number;
  readonly count: number;
}

/** The q-quantile (0..1) of sorted samples, interpolated. */
function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (at - below);
}

/** @throws Error if there are no samples. */
export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error('no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const spread = median === 0 ? 0 : (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / median;
  return { median, min: sorted[0]!, spread, count: sorted.length };
}

/**
 * The ratio of two peers measured in the same rounds: the median over the rounds of the ratio of each round. What
 * slows the machine down for a while slows both and drops out.
 */
export function ratio(numerator: readonly number[], denominator: readonly number[]): Summary {
  const rounds = Math.min(numerator.length, denominator.length);
  return summarize(Array.from({ length: rounds }, (_, i) => numerator[i]! / denominator[i]!));
}

/** @throws Error if there are no values. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) throw new Error('no values');
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
