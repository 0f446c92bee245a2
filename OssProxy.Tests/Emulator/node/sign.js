// Signs addresses of a processed image with Aliyun's SDK, in both versions, and prints them, as JSON on one line.
const OSS = require('ali-oss');

const [, , endpoint, bucket, key, process_] = process.argv;

async function sign() {
  const client = new OSS({
    region: 'oss-cn-hangzhou',
    bucket,
    endpoint,
    accessKeyId: 'test-id',
    accessKeySecret: 'test-secret',
  });
  return {
    v1: client.signatureUrl(key, { process: process_, expires: 300 }),
    v4: await client.signatureUrlV4('GET', 300, { queries: { 'x-oss-process': process_ } }, key),
  };
}

sign().then(
  said => console.log(JSON.stringify(said)),
  error => {
    console.error(error);
    process.exit(1);
  },
);
