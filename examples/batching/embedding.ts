/**
 * Texts as vectors: how often each group of three letters occurs, hashed into 2,048 places, times a fixed random matrix.
 * Such a projection keeps the angles between vectors (Johnson and Lindenstrauss, 1984), so similar texts stay close.
 *
 * The product is the work. For one text each number of the matrix is loaded for one addition, and each addition waits
 * for the one before it. For eight texts at a time it is loaded once for eight additions that do not wait for each other.
 */
const PLACES = 2_048;
const DIMENSIONS = 384;
const AT_A_TIME = 8;

/** Of unit length. */
export type Vector = Float32Array;

/** The same in every container: the numbers come from a fixed seed. A column of the product after the other. */
const matrix = Float32Array.from({ length: DIMENSIONS * PLACES }, seededNormal(42));

export function embedAll(texts: readonly string[]): Vector[] {
  const counts = texts.map(countsOf);
  const vectors = counts.map(() => new Float32Array(DIMENSIONS));
  for (let first = 0; first < counts.length; first += AT_A_TIME) {
    if (counts.length - first >= AT_A_TIME) multiplyEight(counts.slice(first), vectors.slice(first));
    else for (let text = first; text < counts.length; text++) multiplyOne(counts[text], vectors[text]);
  }
  return vectors.map(normalised);
}

export function cosine(a: Vector, b: Vector): number {
  let sum = 0;
  for (let dimension = 0; dimension < DIMENSIONS; dimension++) sum += (a[dimension] ?? 0) * (b[dimension] ?? 0);
  return sum;
}

function countsOf(text: string): Float32Array {
  const counts = new Float32Array(PLACES);
  const letters = ` ${text.toLowerCase().replace(/\s+/g, " ")} `;
  for (let at = 0; at + 3 <= letters.length; at++) {
    let hash = 2_166_136_261;
    for (let letter = at; letter < at + 3; letter++) hash = Math.imul(hash ^ letters.charCodeAt(letter), 16_777_619);
    const place = (hash >>> 8) % PLACES;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

function multiplyOne(counts: Float32Array = EMPTY, vector: Float32Array = EMPTY): void {
  for (let dimension = 0; dimension < DIMENSIONS; dimension++) {
    const row = dimension * PLACES;
    let sum = 0;
    for (let place = 0; place < PLACES; place++) sum += (matrix[row + place] ?? 0) * (counts[place] ?? 0);
    vector[dimension] = sum;
  }
}

function multiplyEight(counts: readonly Float32Array[], vectors: readonly Float32Array[]): void {
  const [a, b, c, d, e, f, g, h] = counts as Eight;
  for (let dimension = 0; dimension < DIMENSIONS; dimension++) {
    const row = dimension * PLACES;
    let [sa, sb, sc, sd, se, sf, sg, sh] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let place = 0; place < PLACES; place++) {
      const weight = matrix[row + place] ?? 0;
      sa += weight * (a[place] ?? 0);
      sb += weight * (b[place] ?? 0);
      sc += weight * (c[place] ?? 0);
      sd += weight * (d[place] ?? 0);
      se += weight * (e[place] ?? 0);
      sf += weight * (f[place] ?? 0);
      sg += weight * (g[place] ?? 0);
      sh += weight * (h[place] ?? 0);
    }
    [sa, sb, sc, sd, se, sf, sg, sh].forEach((sum, text) => {
      const vector = vectors[text];
      if (vector) vector[dimension] = sum;
    });
  }
}

type Eight = [Vector, Vector, Vector, Vector, Vector, Vector, Vector, Vector];
const EMPTY = new Float32Array(PLACES);

function normalised(vector: Float32Array): Vector {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** Normally distributed numbers by the method of Box and Muller (1958), from mulberry32. */
function seededNormal(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
