// Puts a file with Aliyun's SDK, the temporary credentials and the callback that our server answered; prints status and text, as JSON on one line.
const fs = require('fs');
const OSS = require('ali-oss');

const [, , answer, key, picture] = process.argv;

async function put() {
  const sts = JSON.parse(answer);
  const client = new OSS({
    region: sts.region,
    bucket: sts.bucket,
    endpoint: sts.endpoint,
    accessKeyId: sts.accessKeyId,
    accessKeySecret: sts.accessKeySecret,
    stsToken: sts.stsToken,
    authorizationV4: true,
    retryMax: 0,
  });
  const photo = fs.readFileSync(picture);

  // The SDK takes an answer that is no JSON for a failure without a status: it is seen before it does.
  let answered;
  const request = client.request.bind(client);
  client.request = async params => (answered = await request(params));
  await client.put(key, photo, { callback: sts.callback }).catch(failure => {
    if (!answered) throw failure;
  });
  return { status: answered.res.status, text: String(answered.data) };
}

put().then(
  said => console.log(JSON.stringify(said)),
  error => {
    console.error(error);
    process.exit(1);
  },
);
