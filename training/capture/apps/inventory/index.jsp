<%@ page contentType="application/json" import="java.util.logging.*" %><%
    Logger.getLogger("inventory.web").fine("index asked for by " + request.getRemoteAddr());
%>{"service": "inventory"}
