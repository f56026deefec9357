import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** An object of a bucket, as it was when it was listed. */
export interface Stored {
  readonly key: string;
  readonly bytes: number;
  /** Another one once the object was written again, but for what is written within the same second. */
  readonly version: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** The objects of one bucket. */
export interface Objects {
  below(prefix: string): Promise<Stored[]>;
  read(key: string): Promise<string>;
  /** The version that there is now, or nothing when there is no such object. */
  version(key: string): Promise<string | undefined>;
  /** Writes JSON. */
  write(key: string, content: string): Promise<void>;
  remove(key: string): Promise<void>;
}

export function objectsOf(s3: S3Client, bucket: string): Objects {
  return {
    below: async (prefix) => {
      const found: Stored[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
        found.push(...Contents.map(({ Key = '', Size = 0, ETag, LastModified }) => ({ key: Key, bytes: Size, version: versionOf(ETag, LastModified), modifiedAt: LastModified?.getTime() ?? 0 })));
      }
      return found;
    },
    read: async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    },
    version: async (Key) => {
      try {
        const { ETag, LastModified } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key }));
        return versionOf(ETag, LastModified);
      } catch (error) {
        if ((error as Error).name === 'NotFound') return undefined;
        throw error;
      }
    },
    write: async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }));
    },
    remove: async (Key) => {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    },
  };
}

/** The same content has the same ETag, and S3 tells whole seconds. */
const versionOf = (etag = '', modified = new Date(0)): string => `${etag.replaceAll('"', '')} ${Math.floor(modified.getTime() / 1000)}`;
