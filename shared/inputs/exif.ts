/** How a camera was held: Exif's orientation, of JPEG and of PNG. */

const ORIENTATION_TAG = 0x112;

/** @param tiff an Exif block, without the word before it. @returns 1 to 8; 1, as the picture lies, where it says nothing */
export function orientationOf(tiff: Uint8Array): number {
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const isLittle = view.getUint16(0) === 0x4949;
  const at = view.getUint32(4, isLittle);
  if (at + 2 > tiff.length) return 1;
  const count = view.getUint16(at, isLittle);
  for (let i = 0; i < count && at + 14 + 12 * i <= tiff.length; i++) {
    if (view.getUint16(at + 2 + 12 * i, isLittle) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 10 + 12 * i, isLittle);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
