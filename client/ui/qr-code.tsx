import { encode } from "uqr";

interface QrCodeProps {
  readonly address: string;
  /** For who does not see it. */
  readonly label: string;
}

export function QrCode({ address, label }: QrCodeProps) {
  // The quiet zone of four modules is part of the code: scanners look for it.
  const { data, size } = encode(address, { border: 4 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} class="qr-light" />
      <path d={path} class="qr-dark" shapeRendering="crispEdges" />
    </svg>
  );
}
