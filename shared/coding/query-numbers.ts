/** Numbers of queries as they are stored: Uint16Array of whole numbers that no scheme mixes. */
export type QueryNumbers = Float32Array | Uint8Array | Uint16Array;
