/** How a model wants pictures: in as many channels as its input's last dimension says, or its first as in ONNX. */
export interface PictureForm {
  /** null: the input does not say, as a flat one. */
  readonly channels: 1 | 3 | null;
  readonly isChannelsFirst: boolean;
}

/** @param inputShape of one query; empty: not known */
export function pictureForm(inputShape: readonly number[]): PictureForm {
  const [first, , last] = inputShape.length === 3 ? inputShape : [];
  const isChannelsFirst = last !== 1 && last !== 3 && (first === 1 || first === 3);
  const channels = isChannelsFirst ? first : last;
  return { channels: channels === 1 || channels === 3 ? channels : null, isChannelsFirst };
}
