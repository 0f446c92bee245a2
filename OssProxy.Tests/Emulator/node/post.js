// Uploads by form with a policy that Aliyun's SDK signed, and by put with a callback; prints what was answered as JSON on one line.
const OSS = require('ali-oss');

const [, , port, receiver, accessKeyId, accessKeySecret] = process.argv;

function connect(authorizationV4) {
  return new OSS({
    region: 'oss-cn-hangzhou',
    bucket: 'photos',
    accessKeyId,
    accessKeySecret,
    authorizationV4,
    retryMax: 0,
    endpoint: `http://localhost:${port}`,
    sldEnable: true,
  });
}

const inAnHour = () => new Date(Date.now() + 3600000).toISOString();

async function send(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob(['hello oss'], { type: 'text/plain' }), '图 1.txt');
  const answer = await fetch(`http://127.0.0.1:${port}/photos/`, { method: 'POST', body: form });
  return { status: answer.status, text: await answer.text() };
}

async function run() {
  const said = {};
  const client = connect(false);
  const signed = client.calculatePostSignature({
    expiration: inAnHour(),
    conditions: [{ bucket: 'photos' }, ['starts-with', '$key', 'form/'], ['content-length-range', 1, 1024]],
  });
  said.form = await send({ key: 'form/${filename}', ...signed });
  said.otherKey = (await send({ key: 'other/${filename}', ...signed })).status;
  said.got = (await client.get('form/图 1.txt')).content.toString();

  const v4 = connect(true);
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const named = {
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': `${accessKeyId}/${date.slice(0, 8)}/cn-hangzhou/oss/aliyun_v4_request`,
    'x-oss-date': date,
  };
  const policy = {
    expiration: inAnHour(),
    conditions: [{ bucket: 'photos' }, ...Object.entries(named).map(([name, value]) => ({ [name]: value }))],
  };
  said.formV4 = await send({
    key: 'form/v4',
    success_action_status: '200',
    ...named,
    policy: Buffer.from(JSON.stringify(policy)).toString('base64'),
    'x-oss-signature': v4.signPostObjectPolicyV4(policy, new Date()),
  });

  said.callbacks = [];
  for (const one of [client, v4]) {
    const put = await one.put('called', Buffer.from('hello oss'), {
      callback: {
        url: `http://${receiver}/called?by=node`,
        body: 'object=${object}&size=${size}&who=${x:who}',
        customValue: { who: 'alice' },
      },
    });
    said.callbacks.push({ status: put.res.status, data: put.data });
  }
  return said;
}

run().then(
  said => console.log(JSON.stringify(said)),
  error => {
    console.error(error);
    process.exit(1);
  }
);
