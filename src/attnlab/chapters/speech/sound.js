// Frames made audible again, as a whisper: the twin of sound.py.

/**
 * How frames were made of sound.
 * @typedef {{ rate: number, hop: number, range: number, edges: number[], loud: number }} Recorded
 */

/**
 * A sound of frames from 0 to 1, at most 1 loud.
 * @param {Float64Array[]} frames
 * @param {Recorded} recorded
 */
export function whisper(frames, recorded) {
  const { hop, range, loud: least } = recorded;
  const sound = new Float64Array(frames.length * hop);
  noises(recorded).forEach((noise, band) => {
    const loud = frames.map((frame) => 10 ** ((range / 20) * (frame[band] - 1)));
    loud.forEach((from, i) => {
      const rise = ((loud[i + 1] ?? from) - from) / hop;
      for (let j = 0, at = i * hop; j < hop; j += 1, at += 1)
        sound[at] += (from + j * rise) * noise[at % noise.length];
    });
  });
  const largest = sound.reduce((most, x) => Math.max(most, Math.abs(x)), least);
  return sound.map((x) => x / largest);
}

/** A second of noise for each band. @param {Recorded} recorded */
function noises({ rate, edges }) {
  const [lowest, highest] = [edges[0], edges[edges.length - 1]].map(Math.round);
  const bands = edges.slice(2).map(() => new Float64Array(rate));
  for (let k = 0; k < Math.floor((highest - lowest) / 20); k += 1) {
    const tone = lowest + 20 * k + ((7 * k * k) % 20);
    const phase = 2 * Math.PI * ((0.618033988749895 * k * k) % 1);
    const parts = bands.flatMap((noise, band) => {
      const [start, peak, end] = edges.slice(band, band + 3);
      const share = Math.min((tone - start) / (peak - start), (end - tone) / (end - peak));
      return share > 0 ? [{ noise, share }] : [];
    });
    for (let t = 0; t < rate; t += 1) {
      const wave = Math.sin((2 * Math.PI * tone * t) / rate + phase);
      for (const { noise, share } of parts) noise[t] += share * wave;
    }
  }
  return bands;
}

/** What plays one sound at a time; pressed again, it begins anew. */
export function player() {
  /** @type {AudioContext} */
  let context;
  /** @type {AudioBufferSourceNode | undefined} */
  let playing;
  return (/** @type {Float64Array} */ sound, /** @type {number} */ rate) => {
    context ??= new AudioContext();
    playing?.stop();
    const buffer = context.createBuffer(1, sound.length, rate);
    buffer.copyToChannel(
      Float32Array.from(sound, (x) => x / 2),
      0,
    );
    playing = new AudioBufferSourceNode(context, { buffer });
    playing.connect(context.destination);
    playing.start();
  };
}
