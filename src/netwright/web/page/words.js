// The page's own words. Names of things (veth, bridge, docker, states) stay as the kernel and their owners say them.
'use strict';
const WORDS = {
  en: {
    skip: 'to the search', search: 'name, address, device  ( / )', groups: 'groups', groupsTitle: 'open or fold groups (o)', smaller: 'smaller (-)', larger: 'larger (+)',
    fit: 'fit', fitTitle: 'show all (0)', changes: 'changes', changesTitle: 'what changed (c)', themeTitle: 'light or dark (t)', languageTitle: 'language: 中文',
    auto: 'auto', light: 'light', dark: 'dark', on: 'live', off: 'connection lost; trying again', refused: 'This page is over: nw web has ended, or was started anew. Open its new address.',
    limits: 'Not everything is heard', empty: 'No namespace to show.', close: 'close (Esc)', reading: 'reading …', lost: 'it is gone', alike: 'alike', cables: 'cables', cable: 'cable',
    owners: 'belongs to', names: 'names', holders: 'held by', addresses: 'addresses', links: 'devices', routes: 'routes', rules: 'rules', neighbours: 'neighbours',
    published: 'published ports', listeners: 'listening', nat: 'NAT', chains: 'firewall', problems: 'problems', forwarding: 'forwards packets', more: 'more', none: 'none', received: 'received', sent: 'sent',
    leftOut: 'more changes were left out', up: 'up', down: 'down', elsewhere: 'in another mount namespace', state: 'state', nothing: 'nothing yet',
    setUp: 'set up', setDown: 'set down', askUp: 'Set {link} of {space} up?', askDown: 'Set {link} of {space} down?', yes: 'yes', no: 'no',
    ownDevice: 'It is a device of the host itself: you may lose your own connection to it.', undone: 'It was not done',
  },
  zh: {
    skip: '跳到搜索', search: '名称、地址、设备 ( / )', groups: '分组', groupsTitle: '展开或折叠分组 (o)', smaller: '缩小 (-)', larger: '放大 (+)',
    fit: '全图', fitTitle: '显示全部 (0)', changes: '变更', changesTitle: '最近的变更 (c)', themeTitle: '浅色或深色 (t)', languageTitle: '语言：English',
    auto: '自动', light: '浅色', dark: '深色', on: '实时', off: '连接中断，正在重试', refused: '此页面已失效：nw web 已结束或已重新启动。请打开它的新地址。',
    limits: '无法监听全部命名空间', empty: '没有可显示的命名空间。', close: '关闭 (Esc)', reading: '读取中 …', lost: '已不存在', alike: '个相同', cables: '线缆', cable: '线缆',
    owners: '所属', names: '名称', holders: '持有者', addresses: '地址', links: '设备', routes: '路由', rules: '策略规则', neighbours: '邻居表',
    published: '已发布端口', listeners: '监听', nat: 'NAT', chains: '防火墙', problems: '问题', forwarding: '转发数据包', more: '更多', none: '无', received: '接收', sent: '发送',
    leftOut: '条变更未显示', up: '已启用', down: '已停用', elsewhere: '位于其他挂载命名空间', state: '状态', nothing: '暂无',
    setUp: '启用', setDown: '停用', askUp: '要启用 {space} 的 {link} 吗？', askDown: '要停用 {space} 的 {link} 吗？', yes: '是', no: '否',
    ownDevice: '这是主机自身的设备：您可能会失去与主机的连接。', undone: '操作未执行',
  },
};
