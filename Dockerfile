# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish OssProxy.Api -c Release -o /app -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
# For the covers of videos, for HEIC, and for texts on pictures. Newer distributions have the decoder of HEIC in a package of its own, which
# libheif only recommends; where there is none, the search finds nothing and libheif can do it by itself.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg libvips42 fonts-wqy-zenhei \
        $(apt-cache search --names-only '^libheif-plugin-libde265$' | cut -d' ' -f1) \
    && rm -rf /var/lib/apt/lists/*
# The data folder must belong to the user before a volume is laid over it.
RUN install -d -o "$APP_UID" -g "$APP_UID" /data
COPY --from=build /app .
# The base image announces port 8080 by ASPNETCORE_HTTP_PORTS; here the port is the one that clients know.
ENV ASPNETCORE_HTTP_PORTS= URLS=http://+:7001 Data__Folder=/data
USER $APP_UID
VOLUME /data
EXPOSE 7001
# The image has no curl: bash speaks enough HTTP to ask whether the process answers.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/7001 && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["dotnet", "OssProxy.Api.dll"]
