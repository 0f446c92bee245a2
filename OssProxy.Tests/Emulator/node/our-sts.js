// Uploads with Aliyun's SDK and the temporary credentials that our server answered, and prints what came of it, as JSON on one line.
const fs = require('fs');
const OSS = require('ali-oss');

const [, , answer, authorizationV4, picture] = process.argv;

async function walk() {
  const sts = JSON.parse(answer);
  const client = new OSS({
    region: sts.region,
    bucket: sts.bucket,
    endpoint: sts.endpoint,
    accessKeyId: sts.accessKeyId,
    accessKeySecret: sts.accessKeySecret,
    stsToken: sts.stsToken,
    authorizationV4: authorizationV4 === 'true',
    retryMax: 0,
  });
  const photo = fs.readFileSync(picture);
  const large = Buffer.concat([photo, Buffer.alloc(250 * 1024, 7)]);
  const refused = promise => promise.then(() => 'done', error => error.code);
  return {
    put: (await client.put(`${sts.dir}whole.jpg`, photo)).res.status,
    parts: (await client.multipartUpload(`${sts.dir}parts.jpg`, large, { partSize: 100 * 1024 })).res.status,
    elsewhere: await refused(client.put('images/a.jpg', photo)),
    delete: await refused(client.delete(`${sts.dir}whole.jpg`)),
  };
}

walk().then(
  said => console.log(JSON.stringify(said)),
  error => {
    console.error(error);
    process.exit(1);
  },
);
