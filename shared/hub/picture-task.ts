/** What a vision model gives of a picture, by the names of its outputs and what config.json says that it is made for. */
import type { LabelNames } from "./label-names.ts";

export type PictureTask =
  /** A number for each label. */
  | { readonly gives: "labels"; readonly outputs: readonly [logits: string] }
  /** Things, each with a label and the box around it. */
  | { readonly gives: "boxes"; readonly outputs: readonly [logits: string, boxes: string]; readonly scores: BoxScores }
  /** A label for each pixel. */
  | { readonly gives: "masks"; readonly outputs: readonly [logits: string] }
  /** How far each pixel is. */
  | { readonly gives: "depth"; readonly outputs: readonly [depth: string] }
  /** Whatever else: vectors, features. */
  | { readonly gives: "numbers"; readonly outputs: readonly string[] };

/** softmax: one label a box, the last of which is "nothing"; sigmoid: each label by itself. */
export type BoxScores = "softmax" | "sigmoid";

const LOGITS = "logits";
const BOXES = "pred_boxes";
const DEPTH = "predicted_depth";
/** Vectors of a picture, as exporters name them. */
const VECTORS = ["image_embeds", "pooler_output"];

/** Detectors of transformers that score each label by itself; others have one for "nothing". */
const SIGMOID = /^(ConditionalDetr|DeformableDetr|Deta|RTDetr|RTDetrV2|DabDetr|DFine|GroundingDino)/;
const SEGMENTS = /ForSemanticSegmentation$/;

/**
 * @param architectures of config.json, such as "DetrForObjectDetection"
 * @param chosen names of outputs that somebody asked for, or of values within the model; null: nobody did
 */
export function pictureTask(
  outputs: readonly string[],
  labels: LabelNames | null,
  architectures: readonly string[],
  chosen: readonly string[] | null = null,
): PictureTask {
  const has = (name: string) => (chosen ?? outputs).includes(name);
  if (chosen !== null && !chosen.every((name) => outputs.includes(name))) return { gives: "numbers", outputs: chosen };
  if (has(LOGITS) && has(BOXES)) {
    const scores = architectures.some((name) => SIGMOID.test(name)) ? "sigmoid" : "softmax";
    return { gives: "boxes", outputs: [LOGITS, BOXES], scores };
  }
  if (has(DEPTH)) return { gives: "depth", outputs: [DEPTH] };
  const ofLabels = has(LOGITS) ? LOGITS : chosen === null && outputs.length === 1 ? outputs[0]! : null;
  if (ofLabels !== null && architectures.some((name) => SEGMENTS.test(name)))
    return { gives: "masks", outputs: [ofLabels] };
  if (chosen !== null && !(chosen.length === 1 && has(LOGITS))) return { gives: "numbers", outputs: chosen };
  const vector = VECTORS.find(has);
  if (labels === null && !has(LOGITS) && vector !== undefined) return { gives: "numbers", outputs: [vector] };
  return { gives: "labels", outputs: [has(LOGITS) ? LOGITS : outputs[0]!] };
}
