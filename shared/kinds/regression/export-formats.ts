/** What a regression is exported as, by the ending of its file. */
export const EXPORT_FORMATS = ["onnx", "json"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
