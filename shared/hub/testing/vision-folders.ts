/**
 * Small vision models in the form of published exports: names, shapes and JSON files are theirs, the numbers are drawn. Each answers by the mean
 * colour of what is in the picture, so that a wrong size, a wrong scale or a padding that is not 0 changes what it says.
 */
import type { OnnxNodeFacts } from "../../compute/runtimes/onnx/onnx-topology.ts";
import { smallOnnx } from "../../compute/runtimes/onnx/testing/small-onnx.ts";

export interface VisionFolder {
  readonly model: Uint8Array<ArrayBuffer>;
  readonly config: object;
  readonly preprocessor: object;
}

export const IMAGENET = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxNodeFacts["attributes"] = {},
): OnnxNodeFacts => ({ op, inputs, outputs: [output], attributes });

/** From -1 to 1, the same for the same seed. */
function drawn(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const mixed = Math.imul(i + 1, 2654435761) ^ Math.imul(seed + 7, 40503);
    return (Math.imul(mixed, 69069) >>> 8) / 2 ** 23 - 1;
  });
}

const weights = (name: string, shape: readonly number[], seed: number, by = 1) => ({
  name,
  shape,
  values: drawn(
    shape.reduce((product, length) => product * length, 1),
    seed,
  ).map((value) => value * by),
});

const longs = (values: readonly number[]) => ({ dtype: "int64" as const, shape: [values.length], values });

export const LABELS = { 0: "N/A", 1: "person", 2: "bicycle", 3: "car" };
const QUERIES = 5;

/** Of facebook/detr-resnet-50 as optimum exports it: pixel_mask beside the picture, boxes and logits, and hidden states that nobody asks for. */
export function detrFolder(): VisionFolder {
  const classes = 5;
  return {
    model: smallOnnx({
      inputs: [
        { name: "pixel_values", shape: ["batch_size", 3, "height", "width"], dtype: "float32" },
        { name: "pixel_mask", shape: ["batch_size", "height", "width"], dtype: "int64" },
      ],
      outputs: ["logits", "pred_boxes", "last_hidden_state"],
      nodes: [
        node("ReduceSum", ["pixel_values", "sides"], "sum", { keepdims: { i: 0 } }),
        node("Cast", ["pixel_mask"], "inside", { to: { i: 1 } }),
        node("ReduceSum", ["inside", "mask_sides"], "count", { keepdims: { i: 0 } }),
        node("Unsqueeze", ["count", "last"], "counts"),
        node("Div", ["sum", "counts"], "mean"),
        node("MatMul", ["mean", "class_weights"], "flat_logits"),
        node("Reshape", ["flat_logits", "logits_shape"], "logits"),
        node("MatMul", ["mean", "box_weights"], "flat_boxes"),
        node("Sigmoid", ["flat_boxes"], "box_parts"),
        node("Reshape", ["box_parts", "boxes_shape"], "pred_boxes"),
        node("Tanh", ["mean"], "last_hidden_state"),
      ],
      integers: {
        ...{ sides: longs([2, 3]), mask_sides: longs([1, 2]), last: longs([1]) },
        ...{ logits_shape: longs([0, QUERIES, classes]), boxes_shape: longs([0, QUERIES, 4]) },
      },
      weights: [weights("class_weights", [3, QUERIES * classes], 1, 6), weights("box_weights", [3, QUERIES * 4], 2)],
    }),
    config: { architectures: ["DetrForObjectDetection"], id2label: LABELS },
    preprocessor: {
      ...{ do_normalize: true, do_pad: true, do_rescale: true, do_resize: true, format: "coco_detection" },
      ...{ image_processor_type: "DetrImageProcessor", ...IMAGENET, resample: 2, rescale_factor: 0.00392156862745098 },
      size: { longest_edge: 80, shortest_edge: 48 },
    },
  };
}

/** Of hustvl/yolos-tiny: no mask; what is padded counts. */
export function yolosFolder(): VisionFolder {
  const classes = 5;
  return {
    model: smallOnnx({
      inputs: [{ name: "pixel_values", shape: ["batch_size", 3, "height", "width"], dtype: "float32" }],
      outputs: ["logits", "pred_boxes"],
      nodes: [
        node("ReduceMean", ["pixel_values"], "mean", { axes: { is: [2, 3] }, keepdims: { i: 0 } }),
        node("MatMul", ["mean", "class_weights"], "flat_logits"),
        node("Reshape", ["flat_logits", "logits_shape"], "logits"),
        node("MatMul", ["mean", "box_weights"], "flat_boxes"),
        node("Sigmoid", ["flat_boxes"], "box_parts"),
        node("Reshape", ["box_parts", "boxes_shape"], "pred_boxes"),
      ],
      integers: { logits_shape: longs([0, QUERIES, classes]), boxes_shape: longs([0, QUERIES, 4]) },
      weights: [weights("class_weights", [3, QUERIES * classes], 3, 6), weights("box_weights", [3, QUERIES * 4], 4)],
    }),
    config: { architectures: ["YolosForObjectDetection"], id2label: LABELS },
    preprocessor: { feature_extractor_type: "YolosFeatureExtractor", ...IMAGENET, size: 48, max_size: 80 },
  };
}

/** Of nvidia/segformer-b0-finetuned-ade-512-512: logits at a quarter of the picture's edges. */
export function segformerFolder(): VisionFolder {
  return {
    model: smallOnnx({
      inputs: [{ name: "pixel_values", shape: ["batch_size", 3, "height", "width"], dtype: "float32" }],
      outputs: ["logits"],
      nodes: [
        node("AveragePool", ["pixel_values"], "cells", { kernel_shape: { is: [4, 4] }, strides: { is: [4, 4] } }),
        node("Conv", ["cells", "label_weights"], "logits", { kernel_shape: { is: [1, 1] } }),
      ],
      weights: [weights("label_weights", [4, 3, 1, 1], 5)],
    }),
    config: {
      architectures: ["SegformerForSemanticSegmentation"],
      id2label: { 0: "wall", 1: "sky", 2: "tree", 3: "road" },
    },
    preprocessor: {
      ...{
        feature_extractor_type: "SegformerFeatureExtractor",
        do_normalize: true,
        do_resize: true,
        reduce_labels: true,
      },
      ...{ ...IMAGENET, resample: 2, size: 32 },
    },
  };
}

/** Of Intel/dpt-large: a plane of depths, smaller than the picture here. */
export function dptFolder(): VisionFolder {
  return {
    model: smallOnnx({
      inputs: [{ name: "pixel_values", shape: ["batch_size", 3, "height", "width"], dtype: "float32" }],
      outputs: ["predicted_depth"],
      nodes: [
        node("AveragePool", ["pixel_values"], "cells", { kernel_shape: { is: [4, 4] }, strides: { is: [4, 4] } }),
        node("Conv", ["cells", "depth_weights"], "planes", { kernel_shape: { is: [1, 1] } }),
        node("Squeeze", ["planes", "channel"], "predicted_depth"),
      ],
      integers: { channel: longs([1]) },
      weights: [weights("depth_weights", [1, 3, 1, 1], 6)],
    }),
    config: { architectures: ["DPTForDepthEstimation"] },
    preprocessor: {
      ...{ image_processor_type: "DPTImageProcessor", do_normalize: true, do_rescale: true, do_resize: true },
      ...{ ensure_multiple_of: 1, keep_aspect_ratio: false, resample: 3, size: { height: 32, width: 32 } },
      ...{ image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
    },
  };
}

/** Of openai/clip-vit-base-patch32 as optimum exports it: two towers and what compares them. */
export function clipFolder(): VisionFolder {
  return {
    model: smallOnnx({
      inputs: [
        { name: "input_ids", shape: ["text_batch_size", "sequence_length"], dtype: "int64" },
        { name: "pixel_values", shape: ["image_batch_size", "num_channels", "height", "width"], dtype: "float32" },
        { name: "attention_mask", shape: ["text_batch_size", "sequence_length"], dtype: "int64" },
      ],
      outputs: ["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"],
      nodes: [
        node("Gather", ["words", "input_ids"], "vectors"),
        node("Cast", ["attention_mask"], "mask_floats", { to: { i: 1 } }),
        node("Unsqueeze", ["mask_floats", "last"], "mask"),
        node("Mul", ["vectors", "mask"], "masked"),
        node("ReduceSum", ["masked", "tokens"], "text_embeds", { keepdims: { i: 0 } }),
        node("ReduceMean", ["pixel_values"], "mean", { axes: { is: [2, 3] }, keepdims: { i: 0 } }),
        node("Tanh", ["mean"], "hidden"),
        node("MatMul", ["hidden", "projection"], "image_embeds"),
        node("Transpose", ["text_embeds"], "turned", { perm: { is: [1, 0] } }),
        node("MatMul", ["image_embeds", "turned"], "logits_per_image"),
        node("Transpose", ["logits_per_image"], "logits_per_text", { perm: { is: [1, 0] } }),
      ],
      integers: { last: longs([2]), tokens: longs([1]) },
      weights: [weights("words", [50, 4], 7), weights("projection", [3, 4], 8)],
    }),
    config: { architectures: ["CLIPModel"], model_type: "clip" },
    preprocessor: {
      ...{ image_processor_type: "CLIPImageProcessor", do_center_crop: true, do_resize: true, do_normalize: true },
      ...{ crop_size: { height: 32, width: 32 }, size: { shortest_edge: 32 }, resample: 3 },
      image_mean: [0.48145466, 0.4578275, 0.40821073],
      image_std: [0.26862954, 0.26130258, 0.27577711],
    },
  };
}
