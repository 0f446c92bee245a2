// In a page of a WeChat mini-program. Its console must list the server under request and uploadFile, and the bucket under uploadFile.
// >>> wechat
import { createUploader } from '../ossproxy-upload.js'

const uploader = createUploader({
  baseUrl: 'https://upload.example.com',
  token: () => wx.getStorageSync('token'),
})

export function pickAndUpload() {
  wx.chooseMedia({
    count: 1,
    success({ tempFiles }) {
      uploader.upload(tempFiles[0]).then(
        record => wx.previewImage({ urls: [record.url] }),
        error => wx.showToast({ title: error.message, icon: 'none' })
      )
    },
  })
}
// <<< wechat
