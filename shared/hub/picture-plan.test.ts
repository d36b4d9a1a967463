import { describe, expect, test } from "vitest";
import { type PicturePlan, picturePlan } from "./picture-plan.ts";
import { PictureRows, type RowsPlan } from "./picture-rows.ts";
import { framedPicture, type PictureLayout, resizedPicture, resizedSize } from "./prepare-picture.ts";
import type { Pixels } from "./resample.ts";

const plan = (json: object) => picturePlan("preprocessor_config.json", json as never);
const imagenet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };

describe("what folders of the Hub say", () => {
  test("google/vit-base-patch16-224: squeezed, -1 to 1", () => {
    const read = plan({
      do_normalize: true,
      do_resize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      size: 224,
      feature_extractor_type: "ViTFeatureExtractor",
    });
    expect(read).toMatchObject({ resize: { to: "size", width: 224, height: 224 }, crop: null, kind: "bilinear" });
    expect(read.scale).toEqual(Array(3).fill(1 / 255 / 0.5));
    expect(read.shift).toEqual([-1, -1, -1]);
  });

  test("microsoft/resnet-50: the shorter edge to 256, the middle of it", () => {
    const read = plan({
      crop_pct: 0.875,
      do_normalize: true,
      do_resize: true,
      feature_extractor_type: "ConvNextFeatureExtractor",
      ...imagenet,
      resample: 3,
      size: 224,
    });
    expect(read).toMatchObject({
      resize: { to: "shortest-edge", pixels: 256 },
      crop: { width: 224, height: 224 },
      size: { width: 224, height: 224 },
      kind: "bicubic",
    });
    const [red] = read.scale;
    expect(200 * red! + read.shift[0]!).toBeCloseTo((200 / 255 - 0.485) / 0.229, 12);
  });

  test("google/mobilenet_v2_1.0_224, apple/mobilevit-small, google/efficientnet-b0", () => {
    const mobilenet = {
      crop_size: { height: 224, width: 224 },
      do_center_crop: true,
      image_processor_type: "MobileNetV2ImageProcessor",
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      resample: 2,
      rescale_factor: 0.00392156862745098,
      size: { shortest_edge: 256 },
    };
    expect(plan(mobilenet)).toMatchObject({ resize: { pixels: 256 }, size: { width: 224 }, isFlipped: false });
    const mobilevit = {
      crop_size: { height: 256, width: 256 },
      do_center_crop: true,
      do_flip_channel_order: true,
      do_resize: true,
      feature_extractor_type: "MobileViTFeatureExtractor",
      resample: 2,
      size: { shortest_edge: 288 },
    };
    expect(plan(mobilevit)).toMatchObject({ isFlipped: true, scale: Array(3).fill(1 / 255), shift: [-0, -0, -0] });
    const efficientnet = {
      do_center_crop: false,
      image_processor_type: "EfficientNetImageProcessor",
      ...imagenet,
      include_top: true,
      resample: 0,
      rescale_offset: false,
      size: { height: 224, width: 224 },
    };
    const read = plan(efficientnet);
    expect(read).toMatchObject({ kind: "nearest", resize: { to: "size", width: 224 } });
    expect(77 * read.scale[1]! + read.shift[1]!).toBeCloseTo((77 / 255 - 0.456) / 0.224 / 0.224, 10);
  });

  test("facebook/detr-resnet-50, hustvl/yolos-tiny: the picture's form within two edges, rounding and all", () => {
    const detr = plan({
      ...{ do_normalize: true, do_pad: true, do_rescale: true, do_resize: true, format: "coco_detection", ...imagenet },
      ...{ image_processor_type: "DetrImageProcessor", resample: 2, size: { longest_edge: 1333, shortest_edge: 800 } },
    });
    expect(detr).toMatchObject({ size: null, isPadded: true, kind: "bilinear" });
    const sizeOf = (width: number, height: number, of = detr) =>
      Object.values(resizedSize({ width, height }, of.resize));
    // get_size_with_aspect_ratio of transformers on the pictures of its own tests, and where its rounding shows.
    expect(sizeOf(640, 480)).toEqual([1066, 800]);
    expect(sizeOf(480, 640)).toEqual([800, 1066]);
    expect(sizeOf(1000, 300)).toEqual([1333, 400]);
    expect(sizeOf(800, 900)).toEqual([800, 900]);
    expect(sizeOf(1777, 333)).toEqual([1333, 250]);
    const yolos = plan({ feature_extractor_type: "YolosFeatureExtractor", size: 512, max_size: 864, ...imagenet });
    expect(yolos.resize).toEqual({ to: "within", shortest: 512, longest: 864, multiple: 16 });
    expect(sizeOf(640, 480, yolos)).toEqual([672, 512]);
    expect(sizeOf(1000, 300, yolos)).toEqual([864, 256]);
  });

  test("Intel/dpt-large squeezes; LiheYoung/depth-anything-small-hf keeps the form, to whole patches", () => {
    const dpt = { image_processor_type: "DPTImageProcessor", do_pad: false, ensure_multiple_of: 1, size: 384 };
    expect(plan({ ...dpt, keep_aspect_ratio: false })).toMatchObject({
      ...{ size: { width: 384, height: 384 }, kind: "bicubic", isPadded: false },
    });
    const anything = plan({
      ...{ ...dpt, ...imagenet, keep_aspect_ratio: true, ensure_multiple_of: 14 },
      size: { height: 518, width: 518 },
    });
    expect(anything.size).toBeNull();
    expect(resizedSize({ width: 640, height: 480 }, anything.resize)).toEqual({ width: 686, height: 518 });
    expect(resizedSize({ width: 1000, height: 1500 }, anything.resize)).toEqual({ width: 518, height: 784 });
  });

  test("a setting that is null is as if it were not there", () => {
    expect(plan({ image_processor_type: "ViTImageProcessorFast", crop_size: null, size: null }).size?.width).toBe(224);
  });
});

describe("refusals name every reason", () => {
  test("a type that is not known, a step that is not done, a filter that there is not", () => {
    const refused = () =>
      plan({ image_processor_type: "SamImageProcessor", do_pad: true, resample: 9, size: { longest_edge: 1024 } });
    expect(refused).toThrow(/image_processor_type: expected one of ViT, DeiT, .*got "SamImageProcessor"/);
    expect(refused).toThrow(/do_pad: expected false or nothing, got true/);
    expect(refused).toThrow(/size: expected a number, height and width, or shortest_edge, got {"longest_edge":1024}/);
    expect(refused).toThrow(/resample: expected one of 0 \(nearest\), .* got 9/);
  });

  const bad: [object, RegExp][] = [
    [{ image_processor_type: "MobileNetV1ImageProcessor", do_center_crop: false }, /pictures of a job have one size/],
    [{ image_processor_type: "ViTImageProcessor", size: 9_000 }, /size: expected 1 to 4096 pixels, got 9000/],
    [{ image_processor_type: "ViTImageProcessor", image_std: [1, 0, 1] }, /image_std: expected numbers other than 0/],
    [{ image_processor_type: "ViTImageProcessor", image_mean: [1, 0] }, /image_mean: expected three numbers/],
    [{}, /image_processor_type: expected one of .* got nothing/],
  ];
  test.each(bad)("%j", (json, message) => {
    expect(() => plan(json)).toThrow(message);
  });
});

/** As a row of a plan that has a size. */
function preparePicture(picture: Pixels, plan: PicturePlan, layout: PictureLayout, name: string): Uint8Array {
  const resized = resizedPicture(picture, plan, name);
  return framedPicture(resized, plan.size ?? resized, plan, layout, false);
}

describe("rows of pictures that keep their form", () => {
  const detr = plan({ image_processor_type: "DetrImageProcessor", size: { shortest_edge: 2, longest_edge: 4 } });
  const layout = { channels: 3, isChannelsFirst: true } as const;
  const rowsOf = (
    sizes: readonly (readonly [number, number])[],
    of: Partial<RowsPlan> = {},
    places: readonly number[] = [...sizes.keys()],
  ) => {
    const rows = new PictureRows(sizes.length, { plan: detr, layout, fixed: null, takesMask: false, ...of });
    for (const [place, [width, height]] of sizes.entries()) {
      const data = new Uint8Array(width * height * 3).fill(place + 1);
      rows.add(place, { width, height, channels: 3, data }, { width: 10 * width, height: 10 * height });
    }
    return rows.finish("photos", places);
  };

  test("lie in the frame of the largest, with a channel that says where; 0 is around them", () => {
    const { queries, frame, showsInside, shapes } = rowsOf([
      [2, 1],
      [1, 2],
    ]);
    expect(frame).toEqual({ width: 2, height: 2 });
    expect(queries.shape).toEqual([2, 4, 2, 2]);
    expect(showsInside).toBe(true);
    expect([...queries.data.subarray(0, 16)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 255, 255, 0, 0]);
    expect([...queries.data.subarray(28)]).toEqual([255, 0, 255, 0]);
    expect(shapes[1]).toEqual({ own: { width: 10, height: 20 }, seen: { width: 1, height: 2 } });
  });

  test("of pictures that are left out there are none, whether the frame is known before or not", () => {
    const sizes = [
      [4, 2],
      [2, 1],
      [1, 2],
    ] as const;
    const { queries, shapes } = rowsOf(sizes, {}, [1, 2]);
    expect(queries.shape).toEqual([2, 4, 2, 2]);
    expect([queries.data[0], queries.data[16]]).toEqual([2, 3]);
    expect(shapes.map(({ seen }) => seen.width)).toEqual([2, 1]);
    const known = { plan: { ...detr, size: { width: 2, height: 1 } } };
    const same = sizes.map(() => [2, 1] as const);
    const some = rowsOf(same, known, [0, 2]).queries;
    expect(some).toMatchObject({ shape: [2, 3, 1, 2], data: Uint8Array.of(1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3) });
  });

  test("have no such channel where all fill it, unless the model asks where they are", () => {
    expect(rowsOf([[2, 1]]).queries.shape).toEqual([1, 3, 1, 2]);
    expect(rowsOf([[2, 1]], { takesMask: true }).queries.shape).toEqual([1, 4, 1, 2]);
  });

  test("fill what the model's file fixes, or are refused with what to do", () => {
    const fixed = { width: 3, height: 3 };
    expect(rowsOf([[2, 1]], { fixed }).frame).toEqual(fixed);
    expect(() => rowsOf([[4, 2]], { fixed })).toThrow(
      /^photos: expected pictures that become at most 3 x 3 pixels, the size that the model's file fixes, got 4 x 2; change size/,
    );
  });

  test("of a model that pads nothing have one size, or are refused with the sizes", () => {
    const plain = { ...detr, isPadded: false };
    expect(
      rowsOf(
        [
          [2, 1],
          [2, 1],
        ],
        { plan: plain },
      ).frame,
    ).toEqual({ width: 2, height: 1 });
    expect(() =>
      rowsOf(
        [
          [2, 1],
          [1, 2],
        ],
        { plan: plain },
      ),
    ).toThrow(/got 2 sizes: 2 x 1, 1 x 2; submit those of each form/);
  });
});

describe("a prepared picture", () => {
  const picture = (width: number, height: number): Pixels => ({
    width,
    height,
    channels: 3,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => i + 1),
  });
  const crop = (width: number, height: number) => ({
    ...plan({ image_processor_type: "ViTImageProcessor" }),
    resize: null,
    crop: { width, height },
    size: { width, height },
  });

  test("is the middle, channels first or last", () => {
    const narrow = { ...picture(1, 1), width: 1, height: 40_000, data: new Uint8Array(120_000) };
    const wide = { ...crop(1, 1), resize: { to: "shortest-edge", pixels: 4_096 } } as const;
    expect(() => preparePicture(narrow, wide, { channels: 3, isChannelsFirst: false }, "narrow.png")).toThrow(
      /^narrow.png: expected 1 to \d+ pixels once it is resized, got 1 x 40000, which become 4096 x 163840000/,
    );
    const last = preparePicture(picture(3, 2), crop(1, 2), { channels: 3, isChannelsFirst: false }, "x.png");
    expect([...last]).toEqual([4, 5, 6, 13, 14, 15]);
    const first = preparePicture(picture(3, 2), crop(1, 2), { channels: 3, isChannelsFirst: true }, "x.png");
    expect([...first]).toEqual([4, 13, 5, 14, 6, 15]);
  });

  test("has black where there is nothing", () => {
    const padded = preparePicture(picture(1, 1), crop(2, 3), { channels: 3, isChannelsFirst: false }, "x.png");
    expect([...padded]).toEqual([...Array(9).fill(0), 1, 2, 3, ...Array(6).fill(0)]);
  });

  test("is grey for a model of one channel, and flipped for one of BGR", () => {
    expect([...preparePicture(picture(1, 1), crop(1, 1), { channels: 1, isChannelsFirst: true }, "x.png")]).toEqual([
      2,
    ]);
    const flipped = { ...crop(1, 1), isFlipped: true };
    expect([...preparePicture(picture(1, 1), flipped, { channels: 3, isChannelsFirst: true }, "x.png")]).toEqual([
      3, 2, 1,
    ]);
  });
});
