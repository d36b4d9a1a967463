/** An entry of an archive; its bytes may be asked for until the next entry is. */
export interface ArchiveEntry {
  readonly name: string;
  readonly byteCount: number;
  bytes(): Promise<Uint8Array>;
}
