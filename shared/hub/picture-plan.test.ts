import { describe, expect, test } from "vitest";
import { picturePlan } from "./picture-plan.ts";
import { preparePicture } from "./prepare-picture.ts";
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

  test("a setting that is null is as if it were not there", () => {
    expect(plan({ image_processor_type: "ViTImageProcessorFast", crop_size: null, size: null }).size.width).toBe(224);
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
      /^narrow.png: expected at most \d+ pixels once it is resized, got 1 x 40000, which become 4096 x 163840000/,
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
